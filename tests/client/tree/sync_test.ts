import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { noise, sha256, until, World } from "../world.ts";
import { FaultProxy } from "../../support/client/client_proxy.ts";

const FILES = 60;

Deno.test("client sync", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);
  for (let index = 0; index < FILES; index++) {
    world.write(`src/d${index % 4}/ü${index}.bin`, noise(index * 700 + 1, index + 1));
  }
  world.write("src/large.bin", noise(3_000_000, 7));
  Deno.mkdirSync(world.path("src/empty/inner"), { recursive: true });
  Deno.symlinkSync("/etc", world.path("src/link"));
  const summary = async (args: string[], env = {}) => {
    const { code, events, stderr } = await run([...args, "--json"], { env });
    assertEquals(code, 0, stderr);
    assertEquals(events.at(-1)!.event, "done");
    const last: Record<string, unknown> = events.at(-1)!;
    const { transferred, removed, made, unchanged } = last;
    return { transferred, removed, made, unchanged, stderr, events };
  };

  await t.step("--dry-run shows the plan and changes nothing", async () => {
    const dry = await run(["sync", "src", "/dst", "--dry-run"]);
    assertEquals(dry.code, 0, dry.stderr);
    assertMatch(dry.stdout, /^make {6}empty\/inner\/$/m);
    assertMatch(dry.stdout, /^add {7}large\.bin$/m);
    assertEquals((await run(["stat", "/dst"])).code, 4);
  });

  await t.step("the first run transfers all, the second nothing", async () => {
    const first = await summary(["sync", "src", "/dst"]);
    assertEquals([first.transferred, first.removed], [FILES + 1, 0]);
    assertMatch(first.stderr, /Plan: 61 new and 0 changed/);
    assertMatch(first.stderr, /src\/link/);
    assertEquals(await world.stored("/dst"), contents(world.path("src")));
    const second = await summary(["sync", "src", "/dst"]);
    assertEquals([second.transferred, second.made, second.unchanged], [0, 0, FILES + 1]);
    assertEquals(second.events.filter((one) => "filename" in one).length, 0);
  });

  await t.step(
    "a change that keeps size and times is found; nothing becomes a version",
    async () => {
      const path = world.path("src/large.bin");
      await until(
        "the file is at rest",
        () => Date.now() - Deno.statSync(path).ctime!.getTime() > 2500,
      );
      await summary(["sync", "src", "/dst"]); // now its checksum is remembered
      const { mtime } = Deno.statSync(path);
      Deno.writeFileSync(path, noise(3_000_000, 8));
      Deno.utimeSync(path, mtime!, mtime!);
      assertEquals((await summary(["sync", "src", "/dst"])).transferred, 1);
      assertEquals(await world.stored("/dst"), contents(world.path("src")));
    },
  );

  await t.step("--delete removes entries missing in the source, and nothing else", async () => {
    await run(["upload", "src/large.bin", "--to", "/dst/more/x.bin"]);
    await run(["mkdir", "/dst/link"]); // the source has that name, as a link
    await run(["upload", "src/large.bin", "--to", "/outside.bin"]);
    assertEquals((await summary(["sync", "src", "/dst"])).removed, 0);
    const dry = await run(["sync", "src", "/dst", "--delete", "-n"]);
    assertEquals(dry.stdout, "remove    more/x.bin\nremove    more/\n");
    assertEquals((await summary(["sync", "src", "/dst", "--delete"])).removed, 2);
    assertEquals((await run(["stat", "/dst/link"])).code, 0);
    assertEquals((await run(["stat", "/outside.bin"])).code, 0);
    await run(["rmdir", "/dst/link"]);
  });

  await t.step("a name that is a file here and a directory there needs --delete", async () => {
    await run(["rm", "/dst/large.bin"]);
    await run(["mkdir", "-p", "/dst/large.bin/deep"]);
    const refused = await run(["sync", "src", "/dst"]);
    assertEquals(refused.code, 8);
    assertMatch(refused.stderr, /"large\.bin": a directory has its name/);
    assertEquals((await summary(["sync", "src", "/dst", "--delete"])).transferred, 1);
    assertEquals(await world.stored("/dst"), contents(world.path("src")));
  });

  await t.step("--down: the other way round, times and empty directories included", async () => {
    assertEquals((await summary(["sync", "--down", "/dst", "back"])).transferred, FILES + 1);
    assertEquals(contents(world.path("back")), contents(world.path("src")));
    assert(world.has("back/empty/inner"));
    const { mtime } = Deno.statSync(world.path("src/large.bin"));
    assertStrictEquals(
      Deno.statSync(world.path("back/large.bin")).mtime!.getTime(),
      mtime!.getTime(),
    );
    assertEquals((await summary(["sync", "--down", "/dst", "back"])).transferred, 0);
  });

  await t.step(
    "--down --delete never follows or removes a link, nor leaves the target",
    async () => {
      world.write("precious/keep.txt", "keep");
      world.write("back/extra/old.txt", "old");
      Deno.symlinkSync(world.path("precious"), world.path("back/extra/out"));
      Deno.removeSync(world.path("back/d1"), { recursive: true });
      Deno.symlinkSync(world.path("precious"), world.path("back/d1"));
      const refused = await run(["sync", "--down", "/dst", "back", "--delete"]);
      assertEquals(refused.code, 8);
      assertMatch(refused.stderr, /"d1": a symbolic link/);
      assert(world.has("back/extra/old.txt")); // not everything was transferred
      Deno.removeSync(world.path("back/d1"));
      assertEquals((await summary(["sync", "--down", "/dst", "back", "--delete"])).removed, 1);
      assertEquals([...Deno.readDirSync(world.path("precious"))].length, 1);
      assert(world.has("back/extra/out") && !world.has("back/extra/old.txt"));
    },
  );

  await t.step("lost connections and Ctrl-C: the next run does the rest", async () => {
    using proxy = new FaultProxy(world.server.port);
    proxy.faults.push({ kind: "reset", afterBytes: 500_000 }, {
      kind: "reset",
      afterBytes: 90_000,
    });
    await summary(["sync", "src", "/cut", "--retries", "9"], world.env(proxy.port));
    assertEquals(await world.stored("/cut"), contents(world.path("src")));
    const started = world.start(["sync", "src", "/ctrl", "--limit-rate", "1M"]);
    await until("files arrive", async () => (await world.stored("/ctrl")).size > 10);
    started.kill("SIGINT");
    const stopped = await started.run;
    assertEquals(stopped.code, 130);
    const before = (await world.stored("/ctrl")).size;
    const rest = await summary(["sync", "src", "/ctrl"]);
    assert(Number(rest.transferred) <= FILES + 1 - before);
    assertEquals(await world.stored("/ctrl"), contents(world.path("src")));
  });

  await t.step("resume removes no file that changed after it was listed", async () => {
    using proxy = new FaultProxy(world.server.port);
    const env = world.env(proxy.port);
    /** Syncs until the connection is lost, and once more after something has changed. */
    const interrupted = async (args: string[], change: () => unknown) => {
      for (let turn = 0; turn < 4; turn++) {
        proxy.faults.push({ kind: "reset", afterBytes: 1_000_000 });
      }
      const cut = await run(["sync", ...args, "--delete", "--retries", "0"], { env });
      assertEquals(cut.code, 7, cut.stderr);
      proxy.faults.length = 0;
      await change();
      return await run(["resume"], { env });
    };
    const names = (path: string) => Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
    for (const name of ["changed", "same", "kind/x"]) world.write(`old/${name}`, "old");
    world.write("new", "another one's new content");
    world.write("from/large", noise(3_000_000, 9));
    await run(["upload", "-r", "old", "--to", "/kept"]);

    const up = await interrupted(
      ["from", "/kept"],
      () => run(["upload", "new", "--to", "/kept/changed", "--overwrite"]),
    );
    assertEquals(up.code, 8, up.stderr);
    assertMatch(up.stderr, /Cannot remove "\/kept\/changed": it changed after it was listed/);
    assertEquals([...(await world.stored("/kept")).keys()], ["changed", "large"]);

    // A directory that a file is to replace: nothing of it is removed.
    world.write("from/kind", noise(3_000_000, 10));
    await run(["upload", "-r", "old", "--to", "/kept", "--overwrite"]);
    const swap = await interrupted(
      ["from", "/kept"],
      () => run(["upload", "new", "--to", "/kept/kind/x", "--overwrite"]),
    );
    assertEquals(swap.code, 8, swap.stderr);
    assertEquals((await world.stored("/kept")).get("kind/x"), sha256("another one's new content"));

    await run(["upload", "from/large", "--to", "/few/large"]);
    const down = await interrupted(
      ["--down", "/few", "old"],
      () => world.write("old/same", "my work"),
    );
    assertEquals(down.code, 8, down.stderr);
    assertEquals(world.read("old/same"), "my work");
    assert(!names(world.path("old")).includes("changed"));
  });

  await t.step("of one name in two Unicode forms one is sent, the other one named", async () => {
    world.write("forms/caf\u00e9", "composed");
    world.write("forms/cafe\u0301", "decomposed");
    world.write("forms/other", "other");
    const { code, stderr } = await run(["sync", "forms", "/forms"]);
    assertEquals(code, 10, stderr);
    assertMatch(stderr, /forms\/caf.+": another file has this name in another Unicode form/);
    assertEquals([...(await world.stored("/forms")).keys()], ["caf\u00e9", "other"]);
  });

  await t.step("a missing directory, and a file in its place, are reported", async () => {
    assertEquals((await run(["sync", "nowhere", "/dst"])).code, 4);
    assertEquals((await run(["sync", "--down", "/nowhere", "back"])).code, 4);
    assertEquals((await run(["sync", "src/large.bin", "/dst"])).code, 8);
    assertEquals((await run(["sync", "src", "/outside.bin"])).code, 8);
    assertEquals((await run(["sync", "src"])).code, 2);
  });
});

/** SHA-256 of each file below a directory, by relative name. */
function contents(root: string, prefix = "", found = new Map<string, string>()) {
  let entries: Deno.DirEntry[] = [];
  try {
    entries = [...Deno.readDirSync(`${root}/${prefix}`)];
  } catch {
    // Not there yet.
  }
  for (const { name, isDirectory, isFile } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory) contents(root, `${prefix}${name}/`, found);
    else if (isFile) {
      found.set(prefix + name, sha256(Deno.readFileSync(`${root}/${prefix}${name}`)));
    }
  }
  return found;
}
