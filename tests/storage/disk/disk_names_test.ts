/** Names on disk and the names they are shown by (docs/storage.md, "Names on disk"). */
import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  composed,
  isOwn,
  mayBeOdd,
  shownName,
  unescapeName,
} from "../../../storage/disk/files/disk_names.ts";
import { entryPlace, oddIn, readEntries } from "../../../storage/disk/files/entries.ts";
import { nameOf, resolvePath } from "../../../storage/contract/path.ts";
import { namesIn } from "../../../storage/contract/entry.ts";
import { mkdirRaw, writeRaw } from "../../support/machine/odd_names.ts";

const CAFE = "caf\u00e9";
const free = () => false;

function inDirectory(run: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync({ prefix: "towpath-names-" });
  try {
    run(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Names that programs put into directories, and worse. */
const anyName = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom("a", "%", "0", "A", ".", "e\u0301", "\u00e9", "\n", "\u0085", "\u212a"),
    minLength: 1,
    maxLength: 8,
  }),
).filter((name) => !/[/\0]/.test(name) && name !== "." && name !== ".." && name.isWellFormed());

Deno.test("every name on disk is shown by a name that a path can have", () => {
  fc.assert(fc.property(anyName, fc.boolean(), (name, atRoot) => {
    const shown = mayBeOdd(name, atRoot) ? shownName(name, free, atRoot) : name;
    assertStrictEquals(nameOf(resolvePath("/", shown)), shown);
  }));
});

Deno.test("names that a path can have are shown as they are", () => {
  for (const name of ["a", "100%", "a%0A", "%~1", CAFE, "\ufffd", " a ", "..a", "a\u202eb", "K"]) {
    const shown = mayBeOdd(name, false) ? shownName(name, () => true, false) : name;
    assertStrictEquals(shown, name);
  }
});

Deno.test("an escaped name means one name on disk, and is of no other form", () => {
  fc.assert(fc.property(anyName, (name) => {
    const shown = mayBeOdd(name, false) ? shownName(name, free, false) : name;
    if (shown === name || composed(name) === shown) return;
    assertStrictEquals(unescapeName(shown, false), name);
  }));
  for (const name of ["a", "%41", "a%0a", "a%2Fb", "%00", "%", "%E9", "%C3%A9", "%2E%2E%2E"]) {
    assertEquals(unescapeName(name, false), undefined, name);
  }
});

Deno.test("names in ASCII, whatever they are, need no look for another spelling", () => {
  fc.assert(fc.property(anyName, (name) => {
    const shown = mayBeOdd(name, false) ? shownName(name, free, false) : name;
    if (shown !== name) assertEquals(isOwn(shown), false, JSON.stringify(shown));
  }));
});

Deno.test("whatever is in a directory, each entry has a name of its own and is found by it", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyName, { minLength: 1, maxLength: 12 }), (names) => {
      inDirectory((directory) => {
        const bytes = (text: string) => new TextEncoder().encode(text).length;
        const made = names.filter((name) => bytes(name) <= 255);
        for (const name of made) Deno.writeTextFileSync(`${directory}/${name}`, name);
        const shown = namesIn(readEntries(directory, false));
        assertEquals(new Set(shown).size, made.length);
        const found = shown.map((name) =>
          Deno.readTextFileSync(entryPlace(directory, name, false))
        );
        assertEquals(found.sort(), made.toSorted());
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("the composed and the decomposed form side by side are two files", () => {
  inDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/${CAFE}`, "composed");
    Deno.writeTextFileSync(`${directory}/${CAFE.normalize("NFD")}`, "decomposed");
    assertEquals(readEntries(directory, false).files.toSorted(), ["cafe%CC%81", CAFE]);
    const read = (name: string) => Deno.readTextFileSync(entryPlace(directory, name, false));
    assertEquals([read(CAFE), read("cafe%CC%81")], ["composed", "decomposed"]);
    Deno.removeSync(`${directory}/${CAFE}`);
    assertEquals(readEntries(directory, false).files, [CAFE]);
    assertEquals(read(CAFE), "decomposed");
    assertThrows(() => read("cafe%CC%81"), Deno.errors.NotFound);
  });
});

Deno.test("a file that is called like the escape of another keeps its name, and the other is found", () => {
  inDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/a\n`, "odd");
    Deno.writeTextFileSync(`${directory}/a%0A`, "plain");
    const { files } = readEntries(directory, false);
    const other = files.find((name) => name !== "a%0A")!;
    assertMatch(other, /^a%0A%~[0-9a-f]{12}$/);
    const read = (name: string) => Deno.readTextFileSync(entryPlace(directory, name, false));
    assertEquals([read("a%0A"), read(other)], ["plain", "odd"]);
  });
});

Deno.test("names that are too long when escaped are abbreviated, each in its own way", () => {
  inDirectory((directory) => {
    const names = ["\n".repeat(255), "\n".repeat(254) + "\t"];
    for (const name of names) Deno.writeTextFileSync(`${directory}/${name}`, name);
    const { files } = readEntries(directory, false);
    assertEquals(new Set(files).size, 2);
    for (const shown of files) {
      assert(shown.length <= 255);
      assert(names.includes(Deno.readTextFileSync(entryPlace(directory, shown, false))));
    }
  });
});

Deno.test("names that are not UTF-8 are listed, each by a name, and reported to be out of reach", () => {
  inDirectory((directory) => {
    writeRaw(directory, "\\351");
    writeRaw(directory, "\\350");
    mkdirRaw(directory, "d\\377");
    Deno.writeTextFileSync(`${directory}/\ufffd`, "real");
    const { files, directories } = readEntries(directory, false);
    assertEquals(files.toSorted(), ["\ufffd", "\ufffd%~1", "\ufffd%~2"].toSorted());
    assertEquals(directories, ["d\ufffd"]);
    assertEquals(Deno.readTextFileSync(entryPlace(directory, "\ufffd", false)), "real");
    for (const [shown, { disk }] of oddIn(directory, false)) {
      assertEquals(disk, undefined);
      assertMatch(String(assertThrows(() => entryPlace(directory, shown, false))), /not UTF-8/);
    }
  });
});
