/** Which file a temporary file's final name leads to, whatever other programs do beside it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ClientError } from "../../client/lib/common/error.ts";
import { FileTarget } from "../../client/lib/download/download_target.ts";
import { PartFile } from "../../client/lib/local/part_file.ts";

/** What a directory holds: contents by name. */
function contents(directory: string): Record<string, string> {
  const names = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  return Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(`${directory}/${name}`)]),
  );
}

/** What other programs may do to a temporary file; `false`: the final name must not be given. */
const DEEDS: [string, (part: string, aside: string) => void, boolean][] = [
  ["nothing", () => {}, true],
  ["remove it", (part) => Deno.removeSync(part), false],
  ["put another file in its place", (part) => {
    Deno.writeTextFileSync(`${part}.new`, "strange");
    Deno.renameSync(`${part}.new`, part);
  }, false],
  ["move it away and make another", (part, aside) => {
    Deno.renameSync(part, aside);
    Deno.writeTextFileSync(part, "strange");
  }, false],
  ["put a link in its place", (part, aside) => {
    Deno.renameSync(part, aside);
    Deno.symlinkSync(aside, part);
  }, false],
  ["give it a second name", (part, aside) => Deno.linkSync(part, aside), false],
  ["give it a second name and make another", (part, aside) => {
    Deno.linkSync(part, aside);
    Deno.removeSync(part);
    Deno.writeTextFileSync(part, "strange");
  }, false],
];

for (const overwrite of [false, true]) {
  for (const [title, act, given] of DEEDS) {
    Deno.test(`${overwrite ? "replacing" : "new"}: others ${title}`, () => {
      const directory = Deno.makeTempDirSync();
      try {
        const target = join(directory, "target");
        if (overwrite) Deno.writeTextFileSync(target, "old");
        const part = PartFile.create(target);
        part.file.writeSync(new TextEncoder().encode("content"));
        act(part.path, join(directory, "aside"));
        const publish = () => part.publish(target, overwrite);
        if (given) publish();
        else assert.throws(publish, ClientError);
        part.remove();
        const { target: now } = contents(directory);
        assert.equal(now, given ? "content" : overwrite ? "old" : undefined);
        const strange = Object.values(contents(directory)).filter((text) => text === "strange");
        assert.equal(strange.length, title.includes("another") ? 1 : 0);
        if (given) assert.deepEqual(Object.keys(contents(directory)), ["target"]);
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    });
  }
}

Deno.test("a name that is taken keeps its file, and the temporary file goes", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const target = join(directory, "target");
    const part = PartFile.create(target);
    Deno.writeTextFileSync(target, "came meanwhile");
    assert.throws(() => part.publish(target, false), { exitCode: 8 });
    part.remove();
    assert.deepEqual(contents(directory), { target: "came meanwhile" });
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a name that was reserved where no hard links are is finished by --resume alone", () => {
  const directory = Deno.makeTempDirSync();
  const { linkSync } = Deno;
  try {
    const target = join(directory, "target");
    const begin = () => {
      const part = PartFile.create(target);
      part.file.writeSync(new TextEncoder().encode("content"));
      part.close();
    };
    // As a run leaves it that was killed between the two steps.
    begin();
    Deno.writeTextFileSync(target, "");
    // Where links work, an empty file is somebody's.
    assert.throws(() => new FileTarget(target, false).needFree(false, true), { exitCode: 8 });
    assert.equal(Object.keys(contents(directory)).length, 2);
    Deno.linkSync = () => {
      throw new Deno.errors.PermissionDenied("Operation not permitted (os error 1)");
    };
    assert.throws(() => new FileTarget(target, false).needFree(false, false), { exitCode: 8 });
    const resumed = new FileTarget(target, false);
    resumed.needFree(false, true);
    assert.equal(resumed.overwrite, true);
    Deno.writeTextFileSync(target, "content of the user's");
    assert.throws(() => new FileTarget(target, false).needFree(false, true), { exitCode: 8 });
  } finally {
    Deno.linkSync = linkSync;
    Deno.removeSync(directory, { recursive: true });
  }
});
