import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { AddressCounts, addressMemory } from "../../../server/admission/address_counts.ts";
import { connectionCounter, doorLimits } from "../../../server/admission/limits.ts";
import { readOptions } from "../../../server/options/read.ts";
import { Policy } from "../../../server/admission/policy.ts";
import { bucketMemory } from "../../../server/admission/bucket_table.ts";
import { RateLimiter, type Rates } from "../../../server/admission/rate_limit.ts";
import { TokenBuckets } from "../../../server/admission/token_buckets.ts";
import { MemoryCatalog } from "../../support/simulated/memory_catalog.ts";
import { account } from "../../storage/suites/catalog_samples.ts";

function optionsOf(args: string[]) {
  return readOptions({ args, variable: () => undefined, directory: "/nowhere" }).options;
}

function limits(args: string[], counter = connectionCounter(), more: object = {}) {
  return doorLimits({ idleTimeoutMs: 1000, policy: new Policy(optionsOf(args)), counter, ...more });
}

const admit = (of: ReturnType<typeof limits>, address: string) => of.admit(address, () => {});

function verdict(of: ReturnType<typeof limits>, address: string): string {
  const admission = admit(of, address);
  if (!admission.admitted) return admission.reason;
  admission.release();
  return "in";
}

Deno.test("denied addresses stay out, and those that are not allowed", () => {
  const some = limits([
    "--allow-ip",
    "10.0.0.0/8",
    "--allow-ip",
    "::1",
    "--deny-ip",
    "10.1.0.0/16",
  ]);
  const verdicts = ["10.2.3.4", "::ffff:10.2.3.4", "::1", "10.1.2.3", "::ffff:10.1.2.3", "1.2.3.4"];
  assertEquals(verdicts.map((address) => verdict(some, address)), [
    "in",
    "in",
    "in",
    "address",
    "address",
    "address",
  ]);
  assertEquals(verdict(limits([]), "203.0.113.9"), "in");
  assertEquals(verdict(limits(["--deny-ip", "fe80::/10"]), "fe80::1%eth0"), "address");
});

Deno.test("connections are counted over all workers, each place given back once", () => {
  const counter = connectionCounter();
  const one = limits(["--max-connections", "2"], counter);
  const other = limits(["--max-connections", "2"], counter);
  const first = admit(one, "::1");
  const second = admit(other, "::1");
  assert(first.admitted && second.admitted);
  assertEquals(verdict(one, "::1"), "full");
  first.release();
  first.release();
  assertEquals(verdict(other, "::1"), "in");
  assert(admit(one, "::1").admitted);
  assertEquals(verdict(other, "::1"), "full");
});

Deno.test("connections of one address are counted over all workers", () => {
  const memory = addressMemory(2);
  const counter = connectionCounter();
  const args = ["--max-connections-per-address", "2"];
  const [one, other] = [0, 1].map((index) =>
    limits(args, counter, { addresses: new AddressCounts(memory, index) })
  );
  const first = admit(one!, "10.0.0.1");
  assert(first.admitted && admit(other!, "::ffff:10.0.0.1").admitted);
  assertEquals(verdict(one!, "10.0.0.1"), "full");
  assertEquals(verdict(other!, "10.0.0.1"), "full");
  for (let i = 2; i < 200; i++) assertEquals(verdict(one!, `10.0.0.${i}`), "in");
  first.release();
  first.release();
  assertEquals(verdict(other!, "10.0.0.1"), "in");
  // A worker that is started again begins at zero.
  new AddressCounts(memory, 1);
  assert(admit(one!, "10.0.0.1").admitted && admit(one!, "10.0.0.1").admitted);
});

Deno.test("a ban ends connections that are open, and ends itself in time", async () => {
  const catalog = new MemoryCatalog();
  await catalog.addAccount(account("alice"));
  const policy = new Policy(optionsOf([]), catalog.policy);
  await policy.refresh();
  const some = doorLimits({ idleTimeoutMs: 1000, policy, counter: connectionCounter() });
  const ended: string[] = [];
  for (const address of ["10.0.0.1", "10.0.0.2", "::1"]) {
    assert(some.admit(address, () => ended.push(address)).admitted);
  }
  const now = Date.now();
  const ban = { reason: "", createdMs: now, expiresMs: now + 60_000 };
  await catalog.policy.ban({ ...ban, address: "10.0.0.0", prefixLength: 31 });
  await policy.refresh();
  assertEquals(ended, ["10.0.0.1"]);
  assertEquals(verdict(some, "::ffff:10.0.0.1"), "address");
  await catalog.policy.unban({ address: "10.0.0.0", prefixLength: 31 });
  await policy.refresh();
  assertEquals(verdict(some, "10.0.0.1"), "in");
  policy.apply(optionsOf(["--deny-ip", "::1"]));
  assertEquals(ended, ["10.0.0.1", "::1"]);
  await catalog.policy.ban({ ...ban, expiresMs: now - 1, address: "10.0.0.2", prefixLength: 32 });
  await policy.refresh();
  assertEquals(verdict(some, "10.0.0.2"), "in");
});

Deno.test("an account has rates and networks of its own", async () => {
  const catalog = new MemoryCatalog();
  await catalog.addAccount(account("alice"));
  const policy = new Policy(
    optionsOf(["--limit-rate", "1M", "--limit-rate-up", "10"]),
    catalog.policy,
  );
  await policy.refresh();
  assertEquals(policy.ratesOf("alice"), { total: 1024 ** 2, up: 10, down: null });
  await catalog.policy.setLimits("alice", {
    rate: null,
    rateDown: 7,
    allowed: [{ address: "10.0.0.0", prefixLength: 8 }],
    denied: [{ address: "10.1.0.0", prefixLength: 16 }],
  });
  await policy.refresh();
  assertEquals(policy.ratesOf("alice"), { total: null, up: 10, down: 7 });
  assertEquals(policy.ratesOf("bob"), { total: 1024 ** 2, up: 10, down: null });
  const from = ["10.2.0.1", "::ffff:10.2.0.1", "10.1.0.1", "192.0.2.1"];
  assertEquals(from.map((address) => policy.mayLogIn("alice", address, "native")), [
    true,
    true,
    false,
    false,
  ]);
  assertEquals(policy.mayLogIn("bob", "192.0.2.1", "native"), true);
  policy.apply(optionsOf(["--limit-rate-up", "20"]));
  assertEquals(policy.ratesOf("alice"), { total: null, up: 20, down: 7 });
});

Deno.test("a budget bounds both ways together, and each way by itself", () => {
  const start = 1_800_000_000_000;
  const clock = { now: start };
  const buckets = new TokenBuckets(bucketMemory(), () => clock.now);
  const rates: Rates = { total: 1000, up: null, down: 500 };
  const grant = (direction: "up" | "down", bytes: number) =>
    buckets.grant({ name: "alice", direction, bytes, rates });
  assertEquals(grant("up", 250), 0); // what 250 ms allow
  assertEquals(grant("up", 1000), 1000);
  assertEquals(grant("down", 500), 1500);
  clock.now = start + 10_000;
  assertEquals(grant("down", 1000), 1750);
  assertEquals(grant("up", 100), 850);
  // An unused budget expires, but for that of a moment.
  clock.now = start + 100_000;
  assertEquals(grant("up", 1000), 750);
  const other = { name: "bob", direction: "up", bytes: 100, rates } as const;
  assertEquals(buckets.grant(other), 0);
});

Deno.test("workers that share a budget move what one may, whatever they take at once", () => {
  const rates: Rates = { total: 2_000_000, up: null, down: null };
  const clock = { now: 1_800_000_000_000 };
  const memory = bucketMemory();
  const workers = [1, 2].map(() => new TokenBuckets(memory, () => clock.now));
  // Connections of both, each with pieces of its own, which ask again 40 ms after they may move.
  const connections = [16_384, 65_536, 1000, 262_144].map((bytes, index) => {
    return {
      bytes,
      direction: index % 2 === 0 ? "up" as const : "down" as const,
      mayMs: clock.now,
    };
  });
  const endMs = clock.now + 20_000;
  let moved = 0;
  for (; clock.now < endMs; clock.now += 5) {
    for (const [index, connection] of connections.entries()) {
      if (connection.mayMs > clock.now) continue;
      const { bytes, direction } = connection;
      const request = { name: "alice", direction, bytes, rates };
      connection.mayMs = clock.now + workers[index % 2]!.grant(request) + 40;
      if (connection.mayMs < endMs) moved += bytes;
    }
  }
  const share = moved / (2_000_000 * 20);
  assert(share > 0.97 && share < 1.02, `${share} of the rate`);
});

Deno.test("a wait for a low rate ends when it is stopped, and when the rate is lifted", async () => {
  const rates = { total: 10_000 as number | null, up: null, down: null };
  const limiter = new RateLimiter(new TokenBuckets(), () => [{ name: "alice", rates }]);
  assertEquals(limiter.pieceBytes({ account: "alice" }, "down"), 1024);
  await limiter.take({ account: "alice" }, "up", 2000);
  // A minute's worth, of which no more than a piece is waited for.
  let stopped = false;
  const start = performance.now();
  setTimeout(() => stopped = true, 50);
  await limiter.take({ account: "alice" }, "up", 600_000, () => stopped);
  setTimeout(() => rates.total = null, 50);
  await limiter.take({ account: "alice" }, "down", 600_000);
  assert(performance.now() - start < 10_000);
  assertStrictEquals(limiter.pieceBytes({ account: "alice" }, "down"), Infinity);
});
