/** Limits that several nodes share, as one worker counts them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import type { BudgetRequest } from "../../../storage/contract/shared_limits.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { RateLimiter, type Rates } from "../../../server/admission/rate_limit.ts";
import { SharedPlaces } from "../../../server/admission/shared_places.ts";
import { SharedRates } from "../../../server/admission/shared_rates.ts";
import { SharedRequests } from "../../../server/admission/shared_requests.ts";
import { until } from "../../support/native.ts";

const unreachable = () => new StoreError("unreachable", "The database does not answer");
const RATES: Rates = { total: 1_000_000, up: null, down: null };

Deno.test("a worker that reaches no other moves what it had taken, and no byte more", async () => {
  const requests: BudgetRequest[] = [];
  let isCut = false;
  const rates = new SharedRates({
    async take(request) {
      await delay(1);
      if (isCut) throw unreachable();
      requests.push(request);
      return { units: request.units, waitMs: 0 };
    },
  });
  const limiter = new RateLimiter(rates, ({ account: name }) => [{ name, rates: RATES }]);
  await limiter.take({ account: "zoe" }, "up", 50_000);
  isCut = true;
  const taken = requests.reduce((sum, { units }) => sum + units, 0);
  assert(taken <= 200_000, `${taken} bytes ahead`);
  let moved = 50_000;
  let isOver = false;
  const moving = (async () => {
    while (!isOver) {
      await limiter.take({ account: "zoe" }, "down", 10_000, () => isOver);
      if (!isOver) moved += 10_000;
      await delay(0);
    }
  })();
  await until("the share is used up", () => moved === taken);
  isCut = false;
  await until("it goes on", () => moved > taken);
  isCut = isOver = true;
  await moving; // a wait ends although no answer comes
});

Deno.test("connections that wait take shares in turn, and one that is stopped takes none", async () => {
  let units = 0;
  const rates = new SharedRates({
    take: async (request) => {
      await delay(1);
      units += request.units;
      return { units: request.units, waitMs: 0 };
    },
  });
  const limiter = new RateLimiter(rates, ({ account: name }) => [{ name, rates: RATES }]);
  const order: number[] = [];
  await Promise.all(Array.from({ length: 20 }, async (_, index) => {
    await limiter.take({ account: "zoe" }, "up", 100_000, () => index === 3);
    order.push(index);
  }));
  assertEquals(order.filter((index) => index !== 3), [...Array(20).keys()].filter((i) => i !== 3));
  assert(units <= 2_000_000 + 200_000, `${units} bytes`);
});

Deno.test("requests are taken some at a time where many are allowed, one by one where few are", async () => {
  const wanted: number[] = [];
  let left = 25;
  const requests = new SharedRequests({
    take({ units }) {
      wanted.push(units);
      const got = Math.min(units, left);
      left -= got;
      return Promise.resolve({ units: got, waitMs: got === 0 ? 700.2 : 0 });
    },
  });
  let served = 0;
  while (await requests.take("zoe", 1200) === 0) served++;
  assertEquals([served, wanted], [25, [10, 10, 10, 10]]);
  assertEquals(await requests.take("zoe", 1200), 701);
  left = 1;
  assertEquals([await requests.take("mia", 60), wanted.at(-1)], [0, 1]);
  const cut = new SharedRequests({ take: () => Promise.reject(unreachable()) });
  assertEquals(await cut.take("zoe", 60), 0); // without the database it fails later
});

Deno.test("places are set again where they were forgotten, and where a limit comes later", async () => {
  const held = new Map<string, number>();
  let forget = () => {};
  let max = Infinity;
  let isCut = false;
  const places = new SharedPlaces({
    hold(name, count, most) {
      if (isCut) return Promise.reject(unreachable());
      const kept = count <= most;
      held.set(name, kept ? count : count - 1);
      return Promise.resolve(kept);
    },
    onForgotten: (forgotten) => forget = forgotten,
  }, () => max);
  const releases = [await places.take("zoe"), await places.take("zoe")];
  assertEquals(held.size, 0, "none but this worker counts what has no limit");
  max = 3;
  places.changed();
  assertEquals(held.get("zoe"), 2);
  releases.push(await places.take("zoe"));
  assertEquals(await places.take("zoe"), undefined);
  assertEquals(held.get("zoe"), 3);
  held.clear();
  forget();
  assertEquals(held.get("zoe"), 3);
  isCut = true;
  await assertRejects(() => Promise.resolve(places.take("zoe")));
  isCut = false;
  for (const release of [...releases, ...releases]) release!();
  assertEquals(held.get("zoe"), 0);
});
