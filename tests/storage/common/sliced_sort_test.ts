// Sorting in slices gives what the engine's own sort gives, in the order of code points where asked.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareCodePoints } from "../../../storage/contract/path.ts";
import { sortByCodePoints, sortInSlices } from "../../../storage/common/sliced_sort.ts";
import { Pace } from "../../../storage/common/slices.ts";

Deno.test("sortInSlices() sorts as sort() does, equal items in their order", async () => {
  const values = fc.array(fc.nat(50), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 0, max: 14_000 }), async (some, count) => {
      const items = Array.from({ length: count }, (_, i) => [some[(i * 31) % some.length]!, i]);
      const compare = (a: number[], b: number[]) => a[0]! - b[0]!;
      assertEquals(
        await sortInSlices(items, new Pace(), compare),
        items.toSorted(compare),
      );
    }),
    { numRuns: 30 },
  );
  const names = Array.from({ length: 10_000 }, (_, i) => `name ${(i * 7919) % 10_007}`);
  assertEquals(await sortInSlices(names, new Pace()), names.toSorted());
});

Deno.test("sortByCodePoints() sorts as compareCodePoints(), above the surrogates too", async () => {
  for (const texts of [["b", "a/", "a.txt", "a", "B", "ä"], ["😀", "\uff5e", "a", "\ud7ff"]]) {
    assertEquals(await sortByCodePoints(texts), texts.toSorted(compareCodePoints));
  }
  assertEquals(await sortByCodePoints(["😀", "\uff5e"]), ["\uff5e", "😀"]);
});
