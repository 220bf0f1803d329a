// Holds what is said of speed, of the time left, and of sizes.

import assert from "node:assert/strict";
import { formatBytes, formatSeconds, percent } from "../../../web/format.ts";
import { Rate, secondsLeft } from "../../../web/upload/rate.ts";

Deno.test("the rate is of the last seconds", () => {
  const rate = new Rate();
  assert.equal(rate.perSecond(0), undefined);
  for (let ms = 0; ms <= 4000; ms += 100) rate.add(1000, ms);
  assert.equal(rate.perSecond(4000), 10_000);
  for (let ms = 4100; ms <= 14_000; ms += 100) rate.add(2000, ms);
  assert.equal(rate.perSecond(14_000), 20_000);
});

Deno.test("the rate falls where nothing moves, and then there is no time left to tell", () => {
  const rate = new Rate();
  for (let ms = 0; ms <= 2000; ms += 100) rate.add(1000, ms);
  assert.ok(rate.perSecond(4000)! < 6000);
  assert.equal(rate.perSecond(10_000), undefined);
  assert.equal(secondsLeft(5000, rate.perSecond(10_000)), undefined);
  assert.equal(secondsLeft(5000, 0), undefined);
  assert.equal(secondsLeft(5001, 1000), 6);
});

Deno.test("sizes, times and shares read well", () => {
  const sizes = [0, 999, 1000, 1_550_000, 99_960_000, 999_600_000, 5e15];
  assert.deepEqual(sizes.map(formatBytes), [
    "0 B",
    "999 B",
    "1.0 kB",
    "1.6 MB",
    "100 MB",
    "1.0 GB",
    "5.0 PB",
  ]);
  assert.deepEqual([0.2, 59, 61, 3600, 7800].map(formatSeconds), [
    "1 s",
    "59 s",
    "1 min",
    "1 h",
    "2 h 10 min",
  ]);
  assert.deepEqual([percent(0, 0), percent(999, 1000), percent(1000, 1000)], [100, 99, 100]);
});
