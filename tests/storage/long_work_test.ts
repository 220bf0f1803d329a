// Work that grows with what users stored lets others have their turn: 16,000 names, and the longest
// stretch of time in which nothing else could run.
import assert from "node:assert/strict";
import { zipStream } from "../../server/web/zip/archive.ts";
import { Intake } from "../../server/native/intake.ts";
import type { View } from "../../storage/view.ts";
import { openInProcess } from "../support/in_process.ts";

const FILES = 16_000;
/**
 * Maximum stretch, ms. With a pace of 10 ms it is about 25 ms on an idle machine, and was 200 to 700
 * where a piece of work ran through. A busy machine stops the process itself: the best of some
 * attempts counts.
 */
const MAX_STRETCH_MS = 120;
const ATTEMPTS = 4;

/** The longest time between two turns of the event loop while something runs. */
async function longestStretch(work: () => unknown): Promise<number> {
  let longest = 0;
  let running = true;
  let last = performance.now();
  const watch = (async () => {
    while (running) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  await work();
  await new Promise((resolve) => setTimeout(resolve, 2)); // counts what ran last
  running = false;
  await watch;
  return longest;
}

async function letsOthersRun(name: string, work: () => unknown): Promise<void> {
  const stretches: number[] = [];
  while (stretches.length < ATTEMPTS && !stretches.some((ms) => ms <= MAX_STRETCH_MS)) {
    stretches.push(await longestStretch(work));
  }
  const best = Math.min(...stretches);
  assert.ok(best <= MAX_STRETCH_MS, `${name}: nothing else ran for ${best.toFixed()} ms`);
}

/** Lists all of a directory in pages. */
async function pages(view: View, recursive: boolean): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const options = { recursive, limit: 2000, ...(cursor === undefined ? {} : { cursor }) };
    const page = await view.list("/d", options);
    count += page.entries.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
}

Deno.test("no listing, page, check or archive of a large directory keeps others waiting", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  const directory = `${server.data}/users/a/alice/files/d`;
  Deno.mkdirSync(directory);
  for (let i = 0; i < FILES; i++) {
    // In an order that has to be sorted, capitals among them.
    const name = `${i % 7 === 0 ? "File" : "file"} ${(i * 7919) % FILES} of a tree.txt`;
    Deno.openSync(`${directory}/${name}`, { write: true, createNew: true }).close();
  }
  const principal = { account: "alice", generation: 1, door: "native", address: "::1" } as const;
  const view = server.vault.enter({ ...principal, sessionId: "test" }, () => Promise.resolve());
  const archive = async () => {
    const root = { path: "/d", name: "", directory: true, mtimeMs: 0 };
    for await (const _ of zipStream(view, [root]));
  };
  assert.equal(await pages(view, false), FILES);
  assert.equal(await pages(view, true), FILES);
  await letsOthersRun("LIST", () => pages(view, false));
  await letsOthersRun("LIST recursive", () => pages(view, true));
  await letsOthersRun("entries", async () => {
    for await (const _ of await view.entries("/d"));
  });
  for (const sort of ["name", "size"] as const) {
    await letsOthersRun(`a page by ${sort}`, () => view.browse("/d", { sort, limit: 200 }));
  }
  const backwards = { descending: true, filter: "99", limit: 200 };
  await letsOthersRun("a filtered page", () => view.browse("/d", backwards));
  await letsOthersRun("VERIFY", () => view.verify("/d"));
  await letsOthersRun("an archive", archive);
  await view.removeDirectory("/d", { recursive: true });
});

Deno.test("JSON of 1 MiB keeps nobody waiting, whatever it holds", async () => {
  const MIB = 1024 * 1024;
  const worst = {
    nested: "[".repeat(MIB / 2) + "]".repeat(MIB / 2),
    objects: `[${"{},".repeat(MIB / 3)}{}]`,
    keys: `{${
      Array.from({ length: 30_000 }, (_, i) => `"${i * 7919} key of a member":{}`).join()
    }}`,
    numbers: `[${"1.7976931348623157e308,".repeat(MIB / 23)}1]`,
    escapes: `"${"\\u00e9".repeat(MIB / 6)}"`,
  };
  for (const [name, text] of Object.entries(worst)) {
    const frame = new TextEncoder().encode(`{"command":"NOOP","data":{"x":${text}}}`);
    await letsOthersRun(`JSON of ${name}`, () => new Intake().read(frame));
  }
});
