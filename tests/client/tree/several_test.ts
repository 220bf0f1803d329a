/** Several items on one command line, and where each of them goes (docs/cli.md, "Client"). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise, World } from "../world.ts";
import { FaultProxy } from "../../support/client/client_proxy.ts";

const MIB = 1024 * 1024;

Deno.test("client: several items", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);
  world.write("a.txt", "a");
  world.write("b.txt", "b");
  world.write("tree/one", "1");
  world.write("tree/sub/two", "2");

  await t.step("one that is not there does not stop the others: exit code 10", async () => {
    const { code, stdout, stderr } = await run(["upload", "a.txt", "gone", "b.txt"]);
    assertEquals(code, 10);
    assertEquals(stdout, "/a.txt\n/b.txt\n");
    assertMatch(stderr, /"gone": no such file/);
    const tree = await run(["upload", "-r", "tree", "gone", "--to", "/t/", "--json"]);
    assertEquals(tree.code, 10);
    assertEquals((await run(["stat", "/t/tree/sub/two"])).code, 0);
    const { event, code: last } = tree.events.at(-1)!;
    assertEquals([event, last], ["error", 10]);
    const named = tree.events.find((one) => one.filename === "gone")!;
    assertEquals([named.event, named.code], ["error", 4]);
  });

  await t.step("where all fail alike, the exit code is theirs", async () => {
    assertEquals((await run(["upload", "gone", "gone too"])).code, 4);
    assertEquals((await run(["resume", "gone", "a.txt"])).code, 4);
    assertEquals((await run(["download", "/gone", "/gone too"])).code, 4);
    assertEquals((await run(["download", "-r", "/gone", "--to", "here"])).code, 4);
    assert(!world.has("here"), "a directory was made for a missing source");
  });

  await t.step("like cp -r: only the entries of . and ..", async () => {
    assertEquals((await run(["upload", "-r", "tree/.", "--to", "/x/"])).code, 0);
    assertEquals((await run(["stat", "/x/sub/two"])).code, 0);
    const inside = { env: { INIT_CWD: world.path("tree/sub") } };
    assertEquals((await run(["upload", "-r", "..", "--to", "/y"], inside)).code, 0);
    assertEquals((await run(["stat", "/y/sub/two"])).code, 0);
    assertEquals((await run(["upload", "-r", "."], inside)).code, 0);
    assertEquals((await run(["stat", "/two"])).code, 0);
  });

  await t.step("download --resume of a file that is here whole is done", async () => {
    assertEquals((await run(["download", "/a.txt", "--to", "copy"])).code, 0);
    const again = await run(["download", "/a.txt", "--to", "copy", "--resume", "--json"]);
    assertEquals(again.code, 0);
    assertEquals(again.events.at(-1)!.skipped, true);
    assertMatch(again.stderr, /Nothing to fetch: 1 file was here already/);
    world.write("copy", "b");
    assertEquals((await run(["download", "/a.txt", "--to", "copy", "--resume"])).code, 8);
    assertEquals(world.read("copy"), "b");
  });

  await t.step("resume finds a transfer begun under another name of the server", async () => {
    world.write("big.bin", noise(12 * MIB));
    using proxy = new FaultProxy(world.server.port);
    const upload = async (to: string) => {
      proxy.faults.push({ kind: "reset", afterBytes: 6 * MIB });
      const args = ["upload", "big.bin", "--to", to, "--retries", "0"];
      assertEquals((await run(args, { env: world.env(proxy.port) })).code, 7);
    };
    await upload("/named");
    const named = await run(["resume", "big.bin", "--json"]);
    assertEquals(named.code, 0, named.stderr);
    assertEquals(named.events.at(-1)!.filename, "/named");
    assert(Number(named.events.at(-1)!.resumed_from) > 0);
    await upload("/all");
    const all = await run(["resume", "--json"]);
    assertEquals(all.events.at(-1)!.filename, "/all");
    // Neither name remembers anything now.
    for (const port of [proxy.port, world.server.port]) {
      const { stderr } = await run(["resume"], { env: world.env(port) });
      assertMatch(stderr, /Nothing is unfinished/);
    }
  });
});
