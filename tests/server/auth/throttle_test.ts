/** Guessing is slowed down, over restarts, and no other user is locked out by it. */
import { account } from "../../storage/suites/catalog_samples.ts";
import { from, kindOf } from "./logins.ts";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { MemoryCatalog } from "../../support/simulated/memory_catalog.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { Authenticator } from "../../../server/auth/authenticator.ts";
import { networkOf, type Origin } from "../../../server/auth/origin.ts";
import { loginKeys, Throttle } from "../../../server/auth/throttle.ts";
import type { DiskCatalog } from "../../../storage/disk/interfaces/disk_catalog.ts";

const PLAIN = {
  hash: (password: string) => Promise.resolve(password),
  verify: (password: string, hash: string) => Promise.resolve(password === hash),
  unmatchable: () => "none",
};

async function addAlice(catalog: DiskCatalog): Promise<void> {
  await catalog.addAccount(account("alice", { passwordHash: "correct horse" }));
}

/** A catalog with alice, and a login whose clock a test sets. */
async function bench() {
  const catalog = new MemoryCatalog();
  await addAlice(catalog);
  const clock = { now: 1_000_000 };
  const throttle = new Throttle(catalog.failures, () => clock.now);
  const authenticator = new Authenticator({ catalog, throttle, scheme: PLAIN });
  const login = (name: string, password: string, origin: Origin) =>
    kindOf(authenticator.login(name, password, origin));
  return { catalog, clock, throttle, login };
}

Deno.test("guesses from one address wait longer each time, the right password too", async () => {
  const { clock, login } = await bench();
  const kinds = [];
  for (let i = 0; i < 12; i++) kinds.push(await login("alice", `guess ${i} x`, from("10.0.0.1")));
  assertEquals(kinds, [...Array(11).fill("failed"), "too-many"]);
  assertEquals(await login("alice", "correct horse", from("10.0.0.1", "web")), "too-many");
  clock.now += 1000;
  assertEquals(await login("alice", "correct horse", from("10.0.0.1")), "in");
  assertEquals(await login("alice", "wrong horse", from("10.0.0.1")), "failed");
});

Deno.test("a login without an account forgives no guesses, and is none", async () => {
  const catalog = new MemoryCatalog();
  await addAlice(catalog);
  const throttle = new Throttle(catalog.failures, () => 1_000_000);
  const published = { owner: "alice", path: "/public" };
  const authenticator = new Authenticator({ catalog, throttle, scheme: PLAIN, published });
  const { anonymous } = authenticator;
  assertEquals(await anonymous.is("anonymous", "native"), true);
  assertEquals(await anonymous.is("ftp", "native"), false);
  assertEquals(await anonymous.is("ftp", "ftp"), true);
  await catalog.addAccount(account("ftp"));
  assertEquals(await anonymous.is("ftp", "ftp"), false);
  const kinds = [];
  for (let i = 0; i < 12; i++) {
    kinds.push(await kindOf(authenticator.login("alice", `guess ${i} x`, from("10.0.0.1"))));
    assertEquals(await kindOf(anonymous.enter(from("10.0.0.1"))), "in");
  }
  assertEquals(kinds, [...Array(11).fill("failed"), "too-many"]);
  const off = new Authenticator({ catalog, throttle, scheme: PLAIN });
  assertEquals(await off.anonymous.is("anonymous", "ftp"), false);
});

Deno.test("an account is never closed to other addresses", async () => {
  const { login } = await bench();
  for (let i = 0; i < 200; i++) await login("alice", `guess ${i} x`, from("10.0.0.1"));
  assertEquals(await login("alice", "correct horse", from("10.0.0.1")), "too-many");
  assertEquals(await login("alice", "correct horse", from("10.0.0.2")), "in");
  // A login from elsewhere does not reset the guesser's failures.
  assertEquals(await login("alice", "correct horse", from("10.0.0.1")), "too-many");
});

Deno.test("one address that tries many names is slowed down for all of them", async () => {
  const { login } = await bench();
  const kinds = [];
  for (let i = 0; i < 60; i++) kinds.push(await login(`name${i}`, "wrong horse", from("::1")));
  assertEquals(kinds, [...Array(51).fill("failed"), ...Array(9).fill("too-many")]);
  assertEquals(await login("alice", "correct horse", from("::1")), "too-many");
  assertEquals(await login("alice", "correct horse", from("10.0.0.1")), "in");
});

Deno.test("names that no account can have cost nothing and count nothing", async () => {
  const { login } = await bench();
  for (let i = 0; i < 100; i++) {
    assertEquals(await login("Alice ", "wrong horse", from("::1")), "failed");
    assertEquals(await login("alice", "short", from("::1")), "failed");
  }
  assertEquals(await login("alice", "correct horse", from("::1")), "in");
});

Deno.test("a new process, and another worker, know of the failures", async () => {
  const directory = await Deno.makeTempDir();
  const open = () => SqliteCatalog.open(`${directory}/catalog.db`, { durability: "relaxed" });
  try {
    const first = open();
    await addAlice(first);
    const one = new Authenticator({ catalog: first, scheme: PLAIN });
    for (let i = 0; i < 15; i++) await kindOf(one.login("alice", `guess ${i} x`, from("::1")));
    const beside = open();
    const other = new Authenticator({ catalog: beside, scheme: PLAIN });
    assertEquals(await kindOf(other.login("alice", "correct horse", from("::1"))), "too-many");
    await first.close();
    await beside.close();
    const again = open();
    const later = new Authenticator({ catalog: again, scheme: PLAIN });
    assertEquals(await kindOf(later.login("alice", "correct horse", from("::1"))), "too-many");
    assertEquals(await kindOf(later.login("alice", "correct horse", from("10.1.1.1"))), "in");
    await again.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("delays grow, end, and are forgotten, whatever the clock does", async () => {
  const { clock, throttle } = await bench();
  const [key] = loginKeys("alice", "::1");
  const delays = [];
  for (let i = 0; i < 18; i++) {
    await throttle.failed([key]);
    delays.push(await throttle.retryAfterMs([key]));
  }
  assertEquals(delays.slice(9), [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assertEquals(await throttle.retryAfterMs(loginKeys("bob", "::1")), 0);
  clock.now -= 500_000; // set back: no client waits longer than the rule says
  assertEquals(await throttle.retryAfterMs([key]), 30_000);
  clock.now += 500_000 + 16 * 60_000;
  assertEquals(await throttle.retryAfterMs([key]), 0);
  await throttle.failed([key]);
  assertEquals(await throttle.retryAfterMs([key]), 0);
});

Deno.test("the machines of one IPv6 network are one guesser", () => {
  for (
    const [address, network] of [
      ["10.0.0.1", "10.0.0.1"],
      ["::ffff:10.0.0.1", "10.0.0.1"],
      ["::1", "0:0:0:0::/64"],
      ["2001:db8:0:7::1", "2001:db8:0:7::/64"],
      ["2001:DB8:0:7:ffff:1:2:3", "2001:db8:0:7::/64"],
      ["2001:0db8::1", "2001:db8:0:0::/64"],
      ["fe80::1%eth0", "fe80:0:0:0::/64"],
      ["64:ff9b::1.2.3.4", "64:ff9b:0:0::/64"],
      ["", ""],
    ]
  ) {
    assertStrictEquals(networkOf(address!), network, address);
  }
});
