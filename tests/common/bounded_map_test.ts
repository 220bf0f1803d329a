import { assertEquals } from "@std/assert";
import { BoundedMap } from "../../common/bounded_map.ts";

Deno.test("beyond its maximum a bounded map removes the oldest entry, and reports it", () => {
  const removed: string[] = [];
  const map = new BoundedMap<number, string>({ max: 2, onRemove: (value) => removed.push(value) });
  map.set(1, "a");
  map.set(2, "b");
  map.set(1, "c"); // set again: now the newest
  map.set(3, "d");
  assertEquals([1, 2, 3].map((key) => map.get(key)), ["c", undefined, "d"]);
  assertEquals(removed, ["a", "b"]);
  map.get(1);
  map.set(4, "e"); // a look does not renew
  assertEquals(map.get(1), undefined);
  map.clear();
  assertEquals([map.size, removed], [0, ["a", "b", "c", "d", "e"]]);
});

Deno.test("where a look renews, the entry unused for longest is removed first", () => {
  const map = new BoundedMap<number, string>({ max: 2, renewedByGet: true });
  map.set(1, "a");
  map.set(2, "b");
  map.get(1);
  map.set(3, "c");
  assertEquals([1, 2, 3].map((key) => map.get(key)), ["a", undefined, "c"]);
});

Deno.test("entries have weights; the newest stays, whatever it weighs", () => {
  const map = new BoundedMap<string, number>({ max: 10, weigh: (value) => value });
  map.set("a", 6);
  map.set("b", 4);
  map.set("a", 5); // its earlier weight counts no more
  assertEquals([map.get("a"), map.get("b")], [5, 4]);
  map.set("c", 50);
  assertEquals([map.get("a"), map.get("b"), map.get("c")], [undefined, undefined, 50]);
  map.set("d", 1);
  assertEquals([map.get("c"), map.get("d")], [undefined, 1]);
});

Deno.test("entries that are too old are removed with the next use", () => {
  for (const renewedByGet of [false, true]) {
    let nowMs = 0;
    const map = new BoundedMap<string, string>({
      max: 10,
      maxAgeMs: 100,
      renewedByGet,
      now: () => nowMs,
    });
    map.set("a", "1");
    map.set("b", "2");
    nowMs = 60;
    assertEquals(map.get("b"), "2");
    nowMs = 100;
    map.set("c", "3");
    assertEquals(map.size, renewedByGet ? 2 : 1);
    assertEquals(map.get("a"), undefined);
    assertEquals(map.get("b"), renewedByGet ? "2" : undefined);
  }
});
