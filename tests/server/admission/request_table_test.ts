import { assertEquals } from "@std/assert";
import { bucketMemory } from "../../../server/admission/bucket_table.ts";
import { RequestTable } from "../../../server/admission/request_table.ts";

Deno.test("a minute's requests may come at once, and then as many as the rate brings", () => {
  const clock = { now: 1_800_000_000_000 };
  const table = new RequestTable(bucketMemory(), () => clock.now);
  const take = () => table.take("a", 60);
  for (let i = 0; i < 60; i++) assertEquals(take(), 0, `request ${i}`);
  assertEquals(take(), 1000);
  assertEquals(take(), 1000); // what is refused costs nothing
  clock.now += 999;
  assertEquals(take(), 1);
  clock.now += 1;
  assertEquals(take(), 0);
  assertEquals(take(), 1000);
  clock.now += 60_000;
  for (let i = 0; i < 60; i++) assertEquals(take(), 0, `request ${i} of the next minute`);
  assertEquals(take(), 1000);
  assertEquals(table.take("b", 1), 0);
  assertEquals(table.take("b", 1), 60_000);
});

Deno.test("workers count together, and a clock that is set back refuses no client for long", () => {
  const clock = { now: 1_800_000_000_000 };
  const memory = bucketMemory();
  const tables = [0, 1].map(() => new RequestTable(memory, () => clock.now));
  const taken = Array.from({ length: 20 }, (_, i) => tables[i % 2]!.take("a", 10));
  assertEquals(taken.filter((waitMs) => waitMs === 0).length, 10);
  clock.now -= 3_600_000;
  assertEquals(tables[0]!.take("a", 10), 0);
  clock.now += 14 * 86_400_000; // beyond the range of the times
  assertEquals(tables[1]!.take("a", 10), 0);
});

Deno.test("a flood of names delays no other name and takes no more memory", () => {
  const clock = { now: 1_800_000_000_000 };
  const table = new RequestTable(bucketMemory(), () => clock.now);
  for (let i = 0; i < 50_000; i++) assertEquals(table.take(`flood ${i}`, 2), 0);
  for (let i = 0; i < 1000; i++) assertEquals(table.take(`other ${i}`, 2), 0);
});
