import assert from "node:assert/strict";
import { noise, sha256, until, World } from "./world.ts";
import { FaultProxy } from "../support/client_proxy.ts";

const FILES = 60;

Deno.test("client sync", async (t) => {
  await using world = await World.start();
  const run = world.run.bind(world);
  const remote = `${world.server.data}/users/a/admin/files`;
  for (let index = 0; index < FILES; index++) {
    world.write(`src/d${index % 4}/ü${index}.bin`, noise(index * 700 + 1, index + 1));
  }
  world.write("src/large.bin", noise(3_000_000, 7));
  Deno.mkdirSync(world.path("src/empty/inner"), { recursive: true });
  Deno.symlinkSync("/etc", world.path("src/link"));
  const summary = async (args: string[], env = {}) => {
    const { code, events, stderr } = await run([...args, "--json"], { env });
    assert.equal(code, 0, stderr);
    assert.equal(events.at(-1)!.event, "done");
    const last: Record<string, unknown> = events.at(-1)!;
    const { transferred, removed, made, unchanged } = last;
    return { transferred, removed, made, unchanged, stderr, events };
  };

  await t.step("--dry-run shows the plan and changes nothing", async () => {
    const dry = await run(["sync", "src", "/dst", "--dry-run"]);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^make {6}empty\/inner\/$/m);
    assert.match(dry.stdout, /^add {7}large\.bin$/m);
    assert.equal((await run(["stat", "/dst"])).code, 4);
  });

  await t.step("the first run transfers all, the second nothing", async () => {
    const first = await summary(["sync", "src", "/dst"]);
    assert.deepEqual([first.transferred, first.removed], [FILES + 1, 0]);
    assert.match(first.stderr, /Plan: 61 new and 0 changed/);
    assert.match(first.stderr, /src\/link/);
    assert.deepEqual(contents(`${remote}/dst`), contents(world.path("src")));
    const second = await summary(["sync", "src", "/dst"]);
    assert.deepEqual([second.transferred, second.made, second.unchanged], [0, 0, FILES + 1]);
    assert.equal(second.events.filter((one) => "filename" in one).length, 0);
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
      assert.equal((await summary(["sync", "src", "/dst"])).transferred, 1);
      assert.deepEqual(contents(`${remote}/dst`), contents(world.path("src")));
    },
  );

  await t.step("--delete removes what is not in the source, and nothing else", async () => {
    await run(["upload", "src/large.bin", "--to", "/dst/more/x.bin"]);
    await run(["mkdir", "/dst/link"]); // the source has that name, as a link
    await run(["upload", "src/large.bin", "--to", "/outside.bin"]);
    assert.equal((await summary(["sync", "src", "/dst"])).removed, 0);
    const dry = await run(["sync", "src", "/dst", "--delete", "-n"]);
    assert.equal(dry.stdout, "remove    more/x.bin\nremove    more/\n");
    assert.equal((await summary(["sync", "src", "/dst", "--delete"])).removed, 2);
    assert.equal((await run(["stat", "/dst/link"])).code, 0);
    assert.equal((await run(["stat", "/outside.bin"])).code, 0);
    await run(["rmdir", "/dst/link"]);
  });

  await t.step("a name that is a file here and a directory there needs --delete", async () => {
    await run(["rm", "/dst/large.bin"]);
    await run(["mkdir", "-p", "/dst/large.bin/deep"]);
    const refused = await run(["sync", "src", "/dst"]);
    assert.equal(refused.code, 8);
    assert.match(refused.stderr, /"large\.bin": a directory has its name/);
    assert.equal((await summary(["sync", "src", "/dst", "--delete"])).transferred, 1);
    assert.deepEqual(contents(`${remote}/dst`), contents(world.path("src")));
  });

  await t.step("--down: the other way round, times and empty directories included", async () => {
    assert.equal((await summary(["sync", "--down", "/dst", "back"])).transferred, FILES + 1);
    assert.deepEqual(contents(world.path("back")), contents(world.path("src")));
    assert.ok(world.has("back/empty/inner"));
    const { mtime } = Deno.statSync(world.path("src/large.bin"));
    assert.equal(Deno.statSync(world.path("back/large.bin")).mtime!.getTime(), mtime!.getTime());
    assert.equal((await summary(["sync", "--down", "/dst", "back"])).transferred, 0);
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
      assert.equal(refused.code, 8);
      assert.match(refused.stderr, /"d1": a symbolic link/);
      assert.ok(world.has("back/extra/old.txt")); // not everything was transferred
      Deno.removeSync(world.path("back/d1"));
      assert.equal((await summary(["sync", "--down", "/dst", "back", "--delete"])).removed, 1);
      assert.deepEqual([...Deno.readDirSync(world.path("precious"))].length, 1);
      assert.ok(world.has("back/extra/out") && !world.has("back/extra/old.txt"));
    },
  );

  await t.step("lost connections and Ctrl-C: the next run does the rest", async () => {
    using proxy = new FaultProxy(world.server.port);
    proxy.faults.push({ kind: "reset", afterBytes: 500_000 }, {
      kind: "reset",
      afterBytes: 90_000,
    });
    await summary(["sync", "src", "/cut", "--retries", "9"], world.env(proxy.port));
    assert.deepEqual(contents(`${remote}/cut`), contents(world.path("src")));
    const started = world.start(["sync", "src", "/ctrl", "--limit-rate", "1M"]);
    await until("files arrive", () => contents(`${remote}/ctrl`).size > 10);
    started.kill("SIGINT");
    const stopped = await started.run;
    assert.equal(stopped.code, 130);
    const before = contents(`${remote}/ctrl`).size;
    const rest = await summary(["sync", "src", "/ctrl"]);
    assert.ok(Number(rest.transferred) <= FILES + 1 - before);
    assert.deepEqual(contents(`${remote}/ctrl`), contents(world.path("src")));
  });

  await t.step("what is missing or no directory is said", async () => {
    assert.equal((await run(["sync", "nowhere", "/dst"])).code, 4);
    assert.equal((await run(["sync", "--down", "/nowhere", "back"])).code, 4);
    assert.equal((await run(["sync", "src/large.bin", "/dst"])).code, 8);
    assert.equal((await run(["sync", "src", "/outside.bin"])).code, 8);
    assert.equal((await run(["sync", "src"])).code, 2);
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
