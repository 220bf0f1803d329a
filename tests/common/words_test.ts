import { assertEquals } from "@std/assert";
import { counted, grouped } from "../../common/counted.ts";
import { compactTime, formatTime } from "../../common/time.ts";

Deno.test("a number has its noun in the singular or the plural, and its thousands apart", () => {
  assertEquals(counted(0, "file"), "0 files");
  assertEquals(counted(1, "entry", "entries"), "1 entry");
  assertEquals(counted(12_000, "file"), "12,000 files");
  for (const count of [0, 999, 1000, 99_999, 123_456, 1_234_567, 2 ** 53 - 1, -1234]) {
    assertEquals(grouped(count), count.toLocaleString("en"));
  }
});

Deno.test("times are in UTC, to the second or to the minute, also outside of the usual years", () => {
  const ms = Date.UTC(2026, 4, 31, 12, 0, 5, 999);
  assertEquals(formatTime(ms), "2026-05-31 12:00:05");
  assertEquals(formatTime(ms, "minutes"), "2026-05-31 12:00");
  assertEquals(compactTime(ms), "20260531120005");
  assertEquals(formatTime(8.64e15), "+275760-09-13 00:00:00");
  assertEquals(formatTime(8.64e15 + 1), "unknown");
});
