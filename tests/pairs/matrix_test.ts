/**
 * Every pair: an upload is begun in one way over a file that is there, cut half-way, and continued
 * in another. It is stored whole, and acknowledged as such, or it is refused: then the file is what
 * it was, and the upload can be continued still.
 */
import { assert, assertEquals } from "@std/assert";
import { randomBytes, until } from "../support/native.ts";
import { BEGINNINGS } from "./begin.ts";
import { type Outcome, OWN_WAY, WAYS } from "./continue.ts";
import { Place } from "./place.ts";

/** In one TLS record: the last of several waits 40 ms for an acknowledgement (Nagle). */
const SIZE = 12_000;
const HALF = SIZE / 2;

/** Bytes of the file that is there before; undefined: there is none. */
const THERE = {
  "no file": undefined,
  "smaller": 1000,
  "as large as what SIZE tells": HALF - 1,
  "the same size": SIZE,
  "larger": 2 * SIZE,
};

/** The ways that are refused by rule: the server cannot know where the bytes belong. */
const REFUSED = new Set(["APPE without asking (ftplib, tnftp)"]);
/** Goes on from what it sent: refused where that is not safe, as after a kill of the server. */
const BY_COUNT = "REST, STOR at what was sent (ftplib)";

interface Cell {
  begun: string;
  there: keyof typeof THERE;
  way: string;
  path: string;
  content: Uint8Array;
  old: Uint8Array | null;
}

let count = 0;

/** All cells of one way to begin. */
function cellsOf(begun: string, there: readonly (keyof typeof THERE)[]): Cell[] {
  return there.flatMap((there) =>
    Object.keys(WAYS).map((way) => {
      const size = THERE[there];
      const old = size === undefined ? null : randomBytes(size);
      return { begun, there, way, old, path: `/${++count}`, content: randomBytes(SIZE) };
    })
  );
}

async function each(cells: readonly Cell[], run: (cell: Cell) => Promise<void>): Promise<void> {
  const failures: string[] = [];
  for (const cell of cells) {
    const where = `${cell.begun} | ${cell.there} | ${cell.way}`;
    await run(cell).catch((error) => failures.push(`${where}: ${error.message}`));
  }
  assertEquals(failures, []);
}

async function begin(place: Place, cells: readonly Cell[]): Promise<void> {
  await each(cells, async ({ begun, path, content, old }) => {
    if (old !== null) assert((await place.put(path, old)).status < 300);
    await BEGINNINGS[begun]!(place, path, content, HALF);
  });
}

/** Waits until the server has seen that all of them were cut. */
async function allCut(place: Place, cells: readonly Cell[]): Promise<void> {
  await until("every upload is kept", async () => {
    const all = new Map((await place.unfinished()).map((one) => [one.path, one]));
    // Between two requests of tus its worker holds it open, and another one knows of a checkpoint.
    return cells.every(({ path, begun }) =>
      all.get(path)?.offset === HALF || /tus|browser/.test(begun)
    );
  });
}

async function assertWhole(place: Place, { path, content }: Cell, said: Outcome): Promise<void> {
  assertEquals(said.said, "stored", said.text);
  assertEquals(await place.content(path), content);
}

/** Continues an upload. @param lossy what was not checkpointed may be lost: see {@link REFUSED} */
async function go(place: Place, cell: Cell, lossy: boolean): Promise<void> {
  const { path, content, old, way } = cell;
  const said = await WAYS[way]!(place, path, content, HALF);
  const refused = REFUSED.has(way) || lossy && way === BY_COUNT && said.said === "refused";
  if (!refused) return await assertWhole(place, cell, said);
  assertEquals(said.said, "refused", said.text);
  assertEquals(await place.content(path), old);
  await assertWhole(place, cell, await OWN_WAY(place, path, content, HALF));
}

const ROWS = Object.keys(THERE) as (keyof typeof THERE)[];

Deno.test("an upload that was cut is continued by every door, whatever is there", async () => {
  await using place = await Place.start(["--workers", "2", "--durability", "relaxed"]);
  for (const begun of Object.keys(BEGINNINGS)) {
    const cells = cellsOf(begun, ROWS);
    await begin(place, cells);
    await allCut(place, cells);
    await each(cells, (cell) => go(place, cell, false));
  }
});

Deno.test("and after the server was killed before it had seen the cut", async () => {
  await using place = await Place.start();
  const cells = Object.keys(BEGINNINGS).flatMap((begun) => cellsOf(begun, ["no file", "larger"]));
  await begin(place, cells);
  await place.crash();
  await each(cells, (cell) => go(place, cell, true));
});
