/** Deadlines: told once, none before its time, and not where they were cancelled. */
import { assert, assertEquals } from "@std/assert";
import { Deadline } from "../../server/listener/deadline.ts";

Deno.test("deadlines are told once, in their order, and not once they are cancelled", async () => {
  const told: string[] = [];
  const begun = performance.now();
  const cancelled = new Deadline(1, () => told.push("cancelled"));
  const passed = new Deadline(1, () => {
    told.push("first");
    later.cancel(); // by one that is told in the same look
  });
  const later = new Deadline(2, () => told.push("cancelled by another"));
  cancelled.cancel();
  cancelled.cancel();
  await new Promise<void>((resolve) => {
    new Deadline(250, () => {
      told.push("last");
      resolve();
    });
  });
  const tookMs = performance.now() - begun;
  passed.cancel();
  assertEquals(told, ["first", "last"]);
  assert(tookMs >= 250, `told after ${tookMs} ms`);
  // The test's own sanitizer holds that no timer is left.
});
