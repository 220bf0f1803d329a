/** Failures of the storage itself that are reported to users: a read-only disk, a system out of reach. */
import { assertEquals, assertMatch } from "@std/assert";
import { StoreError, type StoreErrorKind } from "../../storage/contract/error.ts";
import { toStoreError } from "../../storage/disk/files/os_error.ts";
import { failureReply as ftpReply } from "../../server/ftp/failure.ts";
import { failureReply as nativeReply } from "../../server/native/context/failure.ts";
import { problemOf } from "../../server/web/request/failure.ts";

for (const kind of ["read-only", "unreachable"] satisfies StoreErrorKind[]) {
  Deno.test(`"${kind}" has its own words at each door, as a failure that may pass`, () => {
    const error = new StoreError(kind, "The storage rests");
    const { status, ...native } = nativeReply(error, undefined);
    assertEquals(status, "ERROR");
    assertMatch(JSON.stringify(native), /The storage rests/);
    const reply = ftpReply(error);
    assertMatch(JSON.stringify(reply), /451.*The storage rests/);
    const problem = problemOf(error);
    assertEquals([problem.status, problem.kind, problem.detail], [503, kind, "The storage rests"]);
  });
}

Deno.test("an error of the operating system is a kind of storage error, whose reason names the place", () => {
  const refusal = Object.assign(
    new Error("Read-only file system (os error 30): open '/data/f'"),
    { code: "EROFS" },
  );
  const error = toStoreError(refusal, "/f");
  assertEquals([error.kind, error.message], ["read-only", "The server's disk is read-only"]);
  assertMatch(error.reason(), /^\/data\/f: Read-only file system: mount the file system writable/);
  assertMatch(error.reason(null), /^Read-only file system: mount/);
});
