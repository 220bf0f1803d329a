/** `sync --delete` where a file takes a directory's name, or the other way round. */
import { diskTest } from "../../support/engine.ts";
import { assert, assertEquals } from "@std/assert";
import { noise, World } from "../world.ts";

diskTest("sync --delete removes an obstacle only once its replacement is there", async (t) => {
  await using world = await World.start(["--max-upload", "1M"]);
  const remote = `${world.server.data}/users/a/admin/files`;
  /** One file takes a directory's name, one directory a file's, and one of each cannot come. */
  const source = {
    "good": "a file now",
    "kind/a": "1",
    "kind/deep/b": "2",
    "bad": "cannot come",
    "half/fine": "3",
    "half/bad": "cannot come",
    "other": "4",
  };
  const target = {
    "good/x": "old",
    "good/y/z": "old",
    "kind": "old",
    "bad/x": "old",
    "bad/y/z": "old",
    "half": "old",
    "extra": "old",
  };
  const outcome = {
    "good": "a file now",
    "kind/a": "1",
    "kind/deep/b": "2",
    "bad/x": "old",
    "bad/y/z": "old",
    "half": "old",
    "extra": "old",
    "other": "4",
  };
  const write = (root: string, files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) world.write(`${root}/${name}`, text);
  };

  await t.step("at the server", async () => {
    write("src", source);
    write("old", target);
    assertEquals((await world.run(["upload", "-r", "old", "--to", "/dst"])).code, 0);
    for (const name of ["bad", "half/bad"]) world.write(`src/${name}`, noise(2 << 20));
    const { code, stderr, events } = await world.run(["sync", "src", "dst", "--delete", "--json"]);
    assertEquals(code, 10, stderr);
    assertEquals(contents(`${remote}/dst`), outcome);
    const done = events.filter(({ event }) => event === "done").map(({ filename }) => filename);
    assert(done.includes("/dst/good") && done.includes("/dst/kind/deep/b"), String(done));
    for (const name of ["bad", "half/bad"]) world.write(`src/${name}`, "cannot come");
    const again = await world.run(["sync", "src", "dst", "--delete"]);
    assertEquals(again.code, 0, again.stderr);
    assertEquals(contents(`${remote}/dst`), source);
  });

  await t.step("here", async () => {
    write("down", target);
    for (const name of ["bad", "half/bad"]) damage(`${remote}/dst/${name}`);
    const { code, stderr } = await world.run(["sync", "--down", "/dst", "down", "--delete"]);
    assertEquals(code, 10, stderr);
    assertEquals(contents(world.path("down")), outcome);
    for (const name of ["bad", "half/bad"]) {
      await world.run(["upload", `src/${name}`, "--to", `/dst/${name}`, "--overwrite"]);
    }
    const again = await world.run(["sync", "--down", "/dst", "down", "--delete"]);
    assertEquals(again.code, 0, again.stderr);
    assertEquals(contents(world.path("down")), source);
  });
});

/** Changes a file's content and nothing that shows it. */
function damage(path: string): void {
  const { atime, mtime, size } = Deno.statSync(path);
  Deno.writeTextFileSync(path, "X".repeat(size));
  Deno.utimeSync(path, atime!, mtime!);
}

/** The text of each file below a directory, by relative name. */
function contents(root: string, prefix = "", found: Record<string, string> = {}) {
  for (const { name, isDirectory } of Deno.readDirSync(`${root}/${prefix}`)) {
    if (isDirectory) contents(root, `${prefix}${name}/`, found);
    else found[prefix + name] = Deno.readTextFileSync(`${root}/${prefix}${name}`);
  }
  return found;
}
