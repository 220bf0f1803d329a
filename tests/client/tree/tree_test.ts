import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise, sha256, until, World } from "../world.ts";
import { FaultProxy } from "../../support/client/client_proxy.ts";

const FILES = 300;

Deno.test("client trees", async (t) => {
  await using world = await World.start();
  const names: string[] = [];
  for (let index = 0; index < FILES; index++) {
    const name = `d${index % 7}/sub ${index % 3}/ü${index}.bin`;
    const path = world.write(`tree/${name}`, noise(index * 50, index + 1));
    Deno.utimeSync(path, new Date(1e12), new Date(1e12 + index));
    names.push(name);
  }
  world.write("tree/large.bin", noise(3_000_000, 9));
  Deno.mkdirSync(world.path("tree/empty/inner"), { recursive: true });
  Deno.symlinkSync("/etc/hostname", world.path("tree/link"));

  await t.step("upload -r: one done each, empty directories, links skipped and named", async () => {
    const { code, events, stderr } = await world.run(["upload", "-r", "tree", "--json"]);
    assertEquals(code, 0, stderr);
    const done = events.filter((one) => one.event === "done");
    assertEquals(done.length, FILES + 1);
    assertEquals(new Set(done.map((one) => one.filename)).size, FILES + 1);
    assertEquals(events.at(-1)!.event, "done");
    assertMatch(stderr, /tree\/link/);
    const listed = (await world.run(["list", "-r"])).stdout.split("\n");
    assert(listed.includes("tree/empty/inner"));
    assert(!listed.includes("tree/link"));
  });

  await t.step("download -r: contents and times are kept", async () => {
    const { code, stderr } = await world.run(["download", "-r", "tree", "--to", "back"]);
    assertEquals(code, 0, stderr);
    names.forEach((name, index) => {
      assertEquals(
        sha256(Deno.readFileSync(world.path(`back/${name}`))),
        sha256(noise(index * 50, index + 1)),
      );
      assertEquals(Deno.statSync(world.path(`back/${name}`)).mtime!.getTime(), 1e12 + index);
    });
    assert(world.has("back/empty/inner") && world.has("back/large.bin"));
    assert(![...walk(world.path("back"))].some((name) => name.endsWith(".towpath-part")));
  });

  await t.step("like cp -r: into what exists, as what does not", async () => {
    assertEquals((await world.run(["upload", "-r", "tree/d1", "--to", "tree"])).code, 0);
    assertEquals((await world.run(["stat", "tree/d1/d1"])).code, 4); // d1 went to tree/d1, merged
    assertEquals((await world.run(["upload", "-r", "tree/d1", "--to", "new"])).code, 0);
    assertEquals((await world.run(["stat", "new/sub 0"])).code, 0);
    assertEquals((await world.run(["download", "-r", "new", "--to", "back"])).code, 0);
    assert(world.has("back/new/sub 0"));
  });

  await t.step("a second download -r touches nothing, with --resume it is done", async () => {
    const { code, events } = await world.run(["download", "-r", "new", "--to", "back", "--json"]);
    assertEquals(code, 8);
    assertEquals(events.at(-1)!.event, "error");
    const again = await world.run(["download", "-r", "new", "--to", "back", "--resume"]);
    assertEquals(again.code, 0, again.stderr);
  });

  await t.step("some fail: each is named, exit code 10, the others are done", async () => {
    await world.run(["mkdir", "-p", "mixed/tree/large.bin"]);
    const { code, events, stderr } = await world.run(
      ["upload", "-r", "tree", "--to", "mixed", "--json", "--overwrite"],
    );
    assertEquals(code, 10);
    assertMatch(stderr, /large\.bin/);
    const last = events.at(-1)!;
    assertEquals([last.event, last.code], ["error", 10]);
    assertEquals(events.filter((one) => one.event === "done").length, FILES);
  });

  await t.step("lost connections: every file once, none twice", async () => {
    using proxy = new FaultProxy(world.server.port);
    for (let cut = 0; cut < 6; cut++) {
      proxy.faults.push({ kind: "reset", afterBytes: 60_000 + cut * 70_000 });
    }
    const { code, stderr } = await world.run(
      ["upload", "-r", "tree", "--to", "cut", "--quiet", "--retries", "9"],
      { env: world.env(proxy.port) },
    );
    assertEquals(code, 0, stderr);
    const listed = (await world.run(["list", "-r", "cut", "--json"])).events[0]!.entries as {
      name: string;
      type: string;
    }[];
    assertEquals(listed.filter((one) => one.type === "file").length, FILES + 1);
    for (let cut = 0; cut < 6; cut++) {
      proxy.faults.push({ kind: "reset", afterBytes: 60_000 + cut * 170_000 });
    }
    const down = await world.run(
      ["download", "-r", "cut", "--to", "cut", "--quiet", "--retries", "9"],
      { env: world.env(proxy.port) },
    );
    assertEquals(down.code, 0, down.stderr);
    for (const [index, name] of names.entries()) {
      assertEquals(
        sha256(Deno.readFileSync(world.path(`cut/${name}`))),
        sha256(noise(index * 50, index + 1)),
      );
    }
  });

  await t.step(
    "Ctrl-C in a tree: resume goes on with the files that were not done, none twice",
    async () => {
      const started = world.start(["upload", "-r", "tree", "--to", "ctrl", "--limit-rate", "1M"]);
      await until("files arrive", async () => (await world.stored("/ctrl")).size > 30);
      started.kill("SIGINT");
      const { code, stderr } = await started.run;
      assertEquals(code, 130);
      assertMatch(stderr, /continue with: deno task client resume/);
      const before = await world.stored("/ctrl");
      const again = await world.run(["resume", "--json"]);
      assertEquals(again.code, 0, again.stderr);
      assertMatch(again.stderr, /Continuing upload of .*tree.* of 301 files left/);
      const done = again.events.filter((one) => one.event === "done");
      assert(done.length <= FILES + 1 - before.size + 96 * 4, `${done.length} were asked about`);
      assertEquals((await world.stored("/ctrl")).size, FILES + 1);
      assertMatch((await world.run(["resume"])).stderr, /Nothing is unfinished/);
    },
  );

  await t.step("an unreadable file in a tree is named, the others go", async () => {
    world.write("odd/fine.txt", "fine");
    new Deno.Command("mkfifo", { args: [world.path("odd/fifo")] }).outputSync();
    const { code, stderr } = await world.run(["upload", "-r", "odd"]);
    assertEquals(code, 0);
    assertMatch(stderr, /fifo/);
    assertEquals((await world.run(["upload", "odd/fifo"])).code, 8);
  });
});

function* walk(directory: string): Generator<string> {
  let entries: Deno.DirEntry[] = [];
  try {
    entries = [...Deno.readDirSync(directory)];
  } catch {
    // Not there yet.
  }
  for (const entry of entries) {
    if (entry.isDirectory) yield* walk(`${directory}/${entry.name}`);
    else yield entry.name;
  }
}
