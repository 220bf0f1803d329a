// Holds that the client in docs/protocol.md, taken from the text as it is, uploads,
// resumes and downloads against a real server.

import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { randomFillSync } from "node:crypto";
import { CuttingProxy } from "../../demo/cutting_proxy.ts";
import { sha256 } from "../support/raw_client.ts";
import { startServer } from "../support/server.ts";

const MIB = 1024 * 1024;
/** How long one run of the client may take. */
const RUN_MS = 30_000;

const text = Deno.readTextFileSync(new URL("../../docs/protocol.md", import.meta.url));
const [, source] = /^```python\n([^]*?)^```$/m.exec(text)!;

function pythonIsHere(): boolean {
  try {
    return new Deno.Command("python3", { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

// In CI python3 must be there: a test that silently skips itself holds nothing.
const ignore = !pythonIsHere() && !Deno.env.get("CI");
if (ignore) console.log("The client in Python is not tested: python3 is not installed");

Deno.test("the client in docs/protocol.md has at most 60 lines", () => {
  const lines = source!.trimEnd().split("\n");
  assert(lines.length <= 60, `it has ${lines.length} lines`);
  assertEquals(lines.filter((line) => line.length > 100), []);
});

Deno.test({ name: "the client in docs/protocol.md works", ignore }, async (t) => {
  await using server = await startServer();
  await using proxy = new CuttingProxy();
  proxy.target = server.port;
  const directory = await Deno.makeTempDir({ prefix: "towpath-python-" });
  const place = (name: string) => join(directory, name);
  const client = place("towpath.py");
  await Deno.writeTextFile(client, source!);

  /** Runs the client; its standard output, and what it said on standard error. */
  async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const { code, stdout, stderr } = await new Deno.Command("python3", {
      args: [client, `127.0.0.1:${proxy.port}`, server.ca, "admin", ...args],
      env: { TOWPATH_PASSWORD: server.password },
      stdin: "null",
      signal: AbortSignal.timeout(RUN_MS),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: decode(stdout), err: decode(stderr) };
  }

  /** Where it says that it began; it must have ended well. */
  function begunAt({ code, out, err }: Awaited<ReturnType<typeof run>>): number {
    assertEquals(code, 0, out + err);
    return Number(/from byte (\d+)/.exec(out)![1]);
  }

  const content = randomFillSync(new Uint8Array(8 * MIB + 1));
  await Deno.writeFile(place("a"), content);
  const stored = () => Deno.readFileSync(join(server.data, "users/a/admin/files/dir/a"));

  try {
    await t.step("an upload that is cut continues where the server has it", async () => {
      proxy.cut = { direction: "up", bytes: 3 * MIB };
      assertNotEquals((await run("upload", place("a"), "/dir/a")).code, 0);
      proxy.cut = undefined;
      const begun = begunAt(await run("upload", place("a"), "/dir/a"));
      assert(begun > 0 && begun < content.length, `it began at ${begun}`);
      assertEquals(sha256(stored()), sha256(content));
    });

    await t.step("a download that is cut continues where the part ends", async () => {
      proxy.cut = { direction: "down", bytes: 3 * MIB };
      assertNotEquals((await run("download", "/dir/a", place("b"))).code, 0);
      proxy.cut = undefined;
      const begun = begunAt(await run("download", "/dir/a", place("b")));
      assert(begun > 0 && begun < content.length, `it began at ${begun}`);
      assertEquals(sha256(Deno.readFileSync(place("b"))), sha256(content));
    });

    await t.step("an upload whose file has changed begins again, and splices nothing", async () => {
      proxy.cut = { direction: "up", bytes: 3 * MIB };
      assertNotEquals((await run("upload", place("a"), "/c")).code, 0);
      proxy.cut = undefined;
      content[0]! ^= 1;
      await Deno.writeFile(place("a"), content);
      assertEquals(begunAt(await run("upload", place("a"), "/c")), 0);
      const path = join(server.data, "users/a/admin/files/c");
      assertEquals(sha256(Deno.readFileSync(path)), sha256(content));
    });

    await t.step("a part of another version is not made the file", async () => {
      await Deno.writeTextFile(place("d.part"), "something else");
      const { code, err } = await run("download", "/c", place("d"));
      assertNotEquals(code, 0);
      assertMatch(err, /another content/);
      assertEquals(begunAt(await run("download", "/c", place("d"))), 0);
      assertEquals(sha256(Deno.readFileSync(place("d"))), sha256(content));
    });

    await t.step("empty files, and errors in the server's words", async () => {
      await Deno.writeTextFile(place("empty"), "");
      begunAt(await run("upload", place("empty"), "/empty"));
      begunAt(await run("download", "/empty", place("empty2")));
      assertEquals(Deno.statSync(place("empty2")).size, 0);
      const { code, err } = await run("download", "/none", place("e"));
      assertEquals(code, 1);
      assertEquals(err.trim(), 'FILE_NOT_FOUND: "/none" does not exist');
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
