/** Failures that clients learn of by a reference: the log has the place and the remedy. */
import type { Logger } from "@logtape/logtape";
import { assertEquals, assertMatch } from "@std/assert";
import { logInternalFailure } from "../../server/door/internal_failure.ts";
import { Refusal, storeErrorOf } from "../../storage/cluster/content/s3/failures.ts";

/** The reason that is logged for an error. */
function logged(error: unknown): string {
  const reasons: string[] = [];
  const log = { error: (_: string, details: { reason: string }) => reasons.push(details.reason) };
  assertMatch(logInternalFailure(log as unknown as Logger, error), /^[0-9a-f]{8}$/);
  assertEquals(reasons.length, 1);
  return reasons[0]!;
}

Deno.test("the log of a refusal by the object store names the store and what to do", () => {
  const refusal = new Refusal(403, "AccessDenied", "", undefined);
  assertMatch(
    logged(storeErrorOf(refusal, 'storing "content/1"', "s3://bucket/ at https://s3.example.org")),
    /^storing "content\/1" in the store s3:\/\/bucket\/ at \S+ failed: .*AccessDenied: grant these/,
  );
});
