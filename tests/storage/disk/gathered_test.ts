/** How long a batch of commits waits for further ones. */
import { assert, assertEquals } from "@std/assert";
import { gathered } from "../../../storage/disk/commit/gathered.ts";

/** Waits for a batch that grows as told. @returns how often its jobs were counted */
async function looks(jobs: (look: number) => number): Promise<number> {
  let count = 0;
  await gathered(() => jobs(++count));
  return count;
}

Deno.test("one job alone waits for no other", async () => {
  assertEquals(await looks(() => 1), 1);
});

Deno.test("a batch waits while further turns bring more, and no longer", async () => {
  // A slow machine ends it by its time.
  assert(await looks((look) => Math.min(look + 1, 4)) <= 4);
});

Deno.test("a batch that never ceases to grow begins all the same", async () => {
  assert(await looks((look) => 100 * look) <= 3);
});
