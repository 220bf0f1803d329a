// Holds what is said of speed, of the time left, and of sizes.

import { assert, assertEquals } from "@std/assert";
import { formatDuration } from "../../../common/duration.ts";
import { formatSize } from "../../../common/size.ts";
import { percent } from "../../../web/common/format.ts";
import { Rate, secondsLeft } from "../../../web/upload/rate.ts";

Deno.test("the rate is of the last seconds", () => {
  const rate = new Rate();
  assertEquals(rate.perSecond(0), undefined);
  for (let ms = 0; ms <= 4000; ms += 100) rate.add(1000, ms);
  assertEquals(rate.perSecond(4000), 10_000);
  for (let ms = 4100; ms <= 14_000; ms += 100) rate.add(2000, ms);
  assertEquals(rate.perSecond(14_000), 20_000);
});

Deno.test("the rate falls where nothing moves, and then no remaining time is shown", () => {
  const rate = new Rate();
  for (let ms = 0; ms <= 2000; ms += 100) rate.add(1000, ms);
  assert(rate.perSecond(4000)! < 6000);
  assertEquals(rate.perSecond(10_000), undefined);
  assertEquals(secondsLeft(5000, rate.perSecond(10_000)), undefined);
  assertEquals(secondsLeft(5000, 0), undefined);
  assertEquals(secondsLeft(5001, 1000), 6);
});

Deno.test("sizes, times and shares read well", () => {
  const sizes = [0, 1023, 1024, 1_625_293, 1024 ** 2 * 99.96, 1024 ** 3 - 1, 5 * 1024 ** 5];
  assertEquals(sizes.map(formatSize), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.6 MiB",
    "100 MiB",
    "1.0 GiB",
    "5.0 PiB",
  ]);
  assertEquals([0.2, 59, 61, 3600, 7800].map((seconds) => formatDuration(seconds * 1000)), [
    "1 s",
    "59 s",
    "1 min",
    "1 h",
    "2 h 10 min",
  ]);
  assertEquals([percent(0, 0), percent(999, 1000), percent(1000, 1000)], [100, 99, 100]);
});
