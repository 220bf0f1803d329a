/** Names in the order of people, and the first of very many. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { firstInNaturalOrder, inNaturalOrder } from "../../../storage/common/natural_order.ts";

Deno.test("letters in either case are alike, unless nothing else differs", async () => {
  assertEquals(await inNaturalOrder(["b", "A", "ä", "a", "C"]), ["A", "a", "ä", "b", "C"]);
});

Deno.test("numbers are ordered by their value", async () => {
  const names = ["file 2.txt", "file 10.txt", "File 11.txt", "file 100.txt"];
  assertEquals(await inNaturalOrder(names.toReversed()), names);
});

Deno.test("names that Unicode counts as equal have one order", async () => {
  const names = ["a", "a\u200b", "a\u2060"]; // with characters of no width
  assertEquals(await inNaturalOrder(names.toReversed()), await inNaturalOrder(names));
});

Deno.test("the first of many names are the first of all of them in order", async () => {
  const texts = fc.array(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.integer({ min: 0, max: 999 }),
      fc.integer({ min: 1, max: 15_000 }),
      async (
        parts,
        seed,
        count,
      ) => {
        const names = Array.from(
          { length: 12_000 },
          (_, i) => `${parts[(i * 7919 + seed) % parts.length]}${(i * 104_729 + seed) % 12_000}`,
        );
        const first = (await inNaturalOrder(names)).slice(0, count);
        assertEquals(await firstInNaturalOrder(names, count), first);
      },
    ),
    { numRuns: 20 },
  );
});
