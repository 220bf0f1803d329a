import { join } from "@std/path";
import { assertEquals, assertNotEquals } from "@std/assert";
import { workerPermissions } from "../../../server/process/worker_thread.ts";

Deno.test("a worker reaches its data directory and nothing else of the machine", async () => {
  const outside = Deno.realPathSync(Deno.makeTempDirSync());
  const data = join(outside, "data");
  Deno.mkdirSync(data);
  Deno.writeTextFileSync(join(outside, "secret"), "x");
  Deno.writeTextFileSync(join(outside, "module.ts"), "export {};");
  const worker = new Worker(new URL("./attempts_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: workerPermissions(data) },
  });
  const attempt = (what: string, argument: string) =>
    new Promise<string>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage([what, argument]);
    });
  try {
    assertEquals(await attempt("write", join(data, "a")), "done");
    assertEquals(await attempt("read", join(data, "a")), "done");
    const refused: [string, string][] = [
      ["read", join(outside, "secret")],
      ["read", join(data, "..", "secret")],
      ["write", join(outside, "b")],
      ["write", `${data}-sibling`],
      ["read", "/etc/passwd"],
      ["env", "HOME"],
      ["env", "TOWPATH_ADMIN_PASSWORD"],
      ["sys", ""],
      ["run", Deno.execPath()],
      ["ffi", "/lib/x86_64-linux-gnu/libc.so.6"],
    ];
    for (const [what, argument] of refused) {
      assertEquals(await attempt(what, argument), "NotCapable", `${what} ${argument}`);
    }
    assertNotEquals(await attempt("import", `file://${outside}/module.ts`), "done");
  } finally {
    worker.terminate();
    Deno.removeSync(outside, { recursive: true });
  }
});
