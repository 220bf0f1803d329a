/** Deadlines: reported once, none before its time, and not where they were cancelled. */
import { assert, assertEquals } from "@std/assert";
import { Deadline } from "../../server/listener/deadline.ts";

Deno.test("deadlines are reported once, in their order, and not once they are cancelled", async () => {
  const reported: string[] = [];
  const begun = performance.now();
  const cancelled = new Deadline(1, () => reported.push("cancelled"));
  const passed = new Deadline(1, () => {
    reported.push("first");
    later.cancel(); // by one that is reported in the same sweep
  });
  const later = new Deadline(2, () => reported.push("cancelled by another"));
  cancelled.cancel();
  cancelled.cancel();
  await new Promise<void>((resolve) => {
    new Deadline(250, () => {
      reported.push("last");
      resolve();
    });
  });
  const tookMs = performance.now() - begun;
  passed.cancel();
  assertEquals(reported, ["first", "last"]);
  assert(tookMs >= 250, `reported after ${tookMs} ms`);
  // The test's own sanitizer holds that no timer is left.
});
