/** Places of a name, taken by several workers at the same moment. */
import { assert, assertEquals } from "@std/assert";
import { AddressCounts, addressMemory } from "../../../server/admission/address_counts.ts";

Deno.test("of two workers at the last place, one gets it: none is refused for the other's try", () => {
  const memory = addressMemory(2);
  const [one, two] = [0, 1].map((worker) => new AddressCounts(memory, worker));
  const { add, load } = Atomics;
  let giveBack: (() => void) | undefined;
  let isOver = false;
  try {
    // The second worker counts itself while the first one looks …
    Atomics.load = ((...args: Parameters<typeof load>) => {
      giveBack ??= two!.take("alice", Infinity);
      return load(...args);
    }) as typeof load;
    // … and is refused, and gone, once the first one has taken itself back.
    Atomics.add = ((...args: Parameters<typeof add>) => {
      const before = add(...args);
      if (Number(args[2]) === -1 && !isOver) {
        isOver = true;
        giveBack?.();
      }
      return before;
    }) as typeof add;
    assert(one!.take("alice", 1) !== undefined, "both are refused");
  } finally {
    Object.assign(Atomics, { add, load });
  }
  assert(isOver);
  assertEquals(two!.take("alice", 1), undefined);
});
