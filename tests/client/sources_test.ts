import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { World } from "./world.ts";
import { clientFlags } from "../support/client/client.ts";

/** Writes a file whose name has bytes that are not UTF-8 (`\\377`: printf's octal escape). */
function writeRaw(directory: string, name: string, content: string): void {
  const { success } = new Deno.Command("sh", {
    args: ["-c", `printf %s "$3" >"$1/$(printf "$2")"`, "sh", directory, name, content],
  }).outputSync();
  assert(success);
}

Deno.test("what an upload reads from", async (t) => {
  await using world = await World.start();
  // No narrower permission opens /proc and /sys.
  const flags = ["--allow-all", "--quiet"];
  const stored = async (path: string) => (await world.run(["download", path, "--to", "-"])).stdout;

  await t.step("a file whose size is given as 0 is read to its end", async () => {
    const { code, stderr } = await world.run(["upload", "/proc/version", "--to", "/version"], {
      flags,
    });
    assertEquals(code, 0, stderr);
    assertStrictEquals(await stored("/version"), Deno.readTextFileSync("/proc/version"));
  });

  await t.step("one that is shorter than its size is read to its end", async () => {
    const path = "/sys/kernel/mm/transparent_hugepage/enabled";
    try {
      assertEquals(Deno.statSync(path).size, 4096);
    } catch {
      return; // a kernel without it
    }
    const { code, stderr } = await world.run(["upload", path, "--to", "/enabled"], { flags });
    assertEquals(code, 0, stderr);
    assertStrictEquals(await stored("/enabled"), Deno.readTextFileSync(path));
  });

  await t.step("an empty file stays empty", async () => {
    world.write("empty", "");
    assertEquals((await world.run(["upload", "empty"])).code, 0);
    assertEquals(await stored("/empty"), "");
  });

  await t.step("a read error names the file", async () => {
    // Reading /proc/self/mem at 0 fails with EIO.
    const { code, stderr } = await world.run(["upload", "/proc/self/mem"], { flags });
    assertEquals(code, 1);
    assertMatch(stderr, /Cannot read "\/proc\/self\/mem": input\/output error\./i);
  });

  await t.step("an unreadable directory in a tree is named, the others go", async () => {
    for (const name of ["a/one", "locked/two", "z/three"]) world.write(`tree/${name}`, name);
    const locked = world.path("tree/locked");
    const without = { flags: [...clientFlags(), `--deny-read=${locked}`] };
    const { code, stderr } = await world.run(["upload", "-r", "tree"], without);
    assertEquals(code, 10, stderr);
    assertMatch(stderr, /Cannot read the directory ".*\/tree\/locked"/);
    assertMatch((await world.run(["list", "-r", "/tree"])).stdout, /a\/one[^]*z\/three/);
    const sync = await world.run(["sync", "tree", "/tree", "--delete"], without);
    assertEquals(sync.code, 10, sync.stderr);
    assertMatch((await world.run(["list", "-r", "/tree"])).stdout, /a\/one[^]*z\/three/);
  });

  await t.step("a name that is not UTF-8 is never sent as another file's content", async () => {
    const odd = world.path("odd");
    world.write("odd/fine", "fine");
    writeRaw(odd, "only\\377", "bad");
    writeRaw(odd, "two\\377", "bad");
    world.write("odd/two\ufffd", "good");
    const { code, stderr } = await world.run(["upload", "-r", "odd"]);
    assertEquals(code, 10, stderr);
    assertEquals(stderr.match(/its name is not UTF-8/g)?.length, 2);
    const { stdout } = await world.run(["list", "/odd"]);
    assertEquals(stdout.trim().split("\n").sort(), ["fine", "two\ufffd"]);
    assertEquals(await stored("/odd/two\ufffd"), "good");
    const single = await world.run(["upload", "odd/two\ufffd", "--to", "/single"]);
    assertEquals(single.code, 1, single.stderr);
    assertMatch(single.stderr, /its name is not UTF-8/);
  });

  await t.step("pauses of a rate limit are not the silence of the server", async () => {
    world.write("slow/a", "x".repeat(6000));
    const args = ["upload", "-r", "slow", "--limit-rate", "3K", "--timeout", "500ms"];
    const { code, stderr } = await world.run([...args, "--retries", "0"]);
    assertEquals(code, 0, stderr);
    assertEquals((await stored("/slow/a")).length, 6000);
  });
});
