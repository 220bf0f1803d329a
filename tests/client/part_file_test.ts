/** Which file a temporary file's final name leads to, whatever other programs do beside it. */
import { join } from "@std/path";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { ClientError } from "../../client/lib/common/error.ts";
import { FileTarget } from "../../client/lib/download/download_target.ts";
import { PartFile, setTime } from "../../client/lib/local/part_file.ts";

const CONTENT = new TextEncoder().encode("content");
const MTIME = 1_700_000_000_000;

/** Content of a directory by name. */
function contents(directory: string): Record<string, string> {
  const names = Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
  return Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(`${directory}/${name}`)]),
  );
}

/**
 * Interference of other programs with a temporary file; `false`: the final name must not be given.
 */
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

/** Ways to make and publish a temporary file with content. */
const WAYS: Record<string, { make(target: string): PartFile; publish: PartFile["publish"] }> = {
  "its identity known from the beginning": {
    make(target) {
      const part = PartFile.create(target);
      part.file.writeSync(CONTENT);
      return part;
    },
    publish(this: PartFile, target, overwrite) {
      this.publish(target, overwrite);
    },
  },
  "its identity found out when it is published": {
    make(target) {
      const part = PartFile.create(target, undefined, { look: false });
      part.file.writeSync(CONTENT);
      setTime(part.file, MTIME);
      return part;
    },
    publish(this: PartFile, target, overwrite) {
      this.publishWritten(target, overwrite, { size: CONTENT.length, mtime: MTIME });
    },
  },
};

const ALL = [false, true].flatMap((overwrite) =>
  Object.entries(WAYS).flatMap(([way, how]) =>
    DEEDS.map(([title, act, given]) => ({ overwrite, way, how, title, act, given }))
  )
);

for (const { overwrite, way, how, title, act, given } of ALL) {
  Deno.test(`${overwrite ? "replacing" : "new"}, ${way}: others ${title}`, () => {
    const directory = Deno.makeTempDirSync();
    try {
      const target = join(directory, "target");
      if (overwrite) Deno.writeTextFileSync(target, "old");
      const part = how.make(target);
      act(part.path, join(directory, "aside"));
      const publish = () => how.publish.call(part, target, overwrite);
      if (given) publish();
      else assertThrows(publish, ClientError);
      part.remove();
      const { target: now } = contents(directory);
      assertStrictEquals(now, given ? "content" : overwrite ? "old" : undefined);
      const strange = Object.values(contents(directory)).filter((text) => text === "strange");
      assertEquals(strange.length, title.includes("another") ? 1 : 0);
      if (given) assertEquals(Object.keys(contents(directory)), ["target"]);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

Deno.test("a name that is taken keeps its file, and the temporary file goes", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const target = join(directory, "target");
    const part = PartFile.create(target);
    Deno.writeTextFileSync(target, "came meanwhile");
    assertErrorLike(assertThrows(() => part.publish(target, false)), { exitCode: 8 });
    part.remove();
    assertEquals(contents(directory), { target: "came meanwhile" });
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
    // Where links work, an empty file is the user's.
    assertErrorLike(assertThrows(() => new FileTarget(target, false).needFree(false, true)), {
      exitCode: 8,
    });
    assertEquals(Object.keys(contents(directory)).length, 2);
    Deno.linkSync = () => {
      throw new Deno.errors.PermissionDenied("Operation not permitted (os error 1)");
    };
    assertErrorLike(assertThrows(() => new FileTarget(target, false).needFree(false, false)), {
      exitCode: 8,
    });
    const resumed = new FileTarget(target, false);
    resumed.needFree(false, true);
    assertEquals(resumed.overwrite, true);
    Deno.writeTextFileSync(target, "content of the user's");
    assertErrorLike(assertThrows(() => new FileTarget(target, false).needFree(false, true)), {
      exitCode: 8,
    });
  } finally {
    Deno.linkSync = linkSync;
    Deno.removeSync(directory, { recursive: true });
  }
});
