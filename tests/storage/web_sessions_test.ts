// Sessions of browsers: how long they hold.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
} from "@std/assert";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { ABSOLUTE_MS, IDLE_MS, WebSessions } from "../../storage/people/web_sessions.ts";
import { account } from "./suites/catalog_samples.ts";
import { ALL } from "../support/pages.ts";

async function bench() {
  const catalog = new MemoryCatalog();
  await catalog.addAccount(account("alice"));
  const clock = { now: 1_000_000 };
  const sessions = new WebSessions(catalog, () => clock.now);
  const alice = (await catalog.account("alice"))!;
  return { catalog, clock, sessions, alice };
}

Deno.test("a session that is not used is over after the idle time, a used one goes on", async () => {
  const { clock, sessions, alice } = await bench();
  const [idle, used] = [
    (await sessions.begin(alice, "1", "::1")).secret,
    (await sessions.begin(alice, "2", "::1")).secret,
  ];
  clock.now += IDLE_MS - 1;
  assertEquals((await sessions.find(used))?.id, "2");
  clock.now += 1;
  assertEquals(await sessions.find(idle), undefined);
  assertEquals((await sessions.find(used))?.id, "2");
});

Deno.test("a session that only follows what happens is not used by that", async () => {
  const { clock, sessions, alice } = await bench();
  const { secret } = await sessions.begin(alice, "1", "::1");
  const end = clock.now + IDLE_MS;
  for (; clock.now < end; clock.now += IDLE_MS / 4) {
    assertEquals((await sessions.find(secret, false))?.id, "1");
  }
  assertEquals(await sessions.find(secret, false), undefined);
});

Deno.test("a session is over after the absolute time, however much it is used", async () => {
  const { clock, sessions, alice } = await bench();
  const { secret } = await sessions.begin(alice, "1", "::1");
  const end = clock.now + ABSOLUTE_MS;
  for (; clock.now < end; clock.now += IDLE_MS / 2) {
    assertEquals((await sessions.find(secret))?.id, "1");
  }
  assertEquals(await sessions.find(secret), undefined);
});

Deno.test("secrets have 256 bits, each its own, and are kept as hashes alone", async () => {
  const { catalog, sessions, alice } = await bench();
  const secrets = [];
  for (const id of ["1", "2"]) secrets.push((await sessions.begin(alice, id, "::1")).secret);
  assertNotStrictEquals(secrets[0], secrets[1]);
  for (const secret of secrets) assertMatch(secret, /^[A-Za-z0-9_-]{43}$/);
  const kept = JSON.stringify(await catalog.webSessions.of("alice", ALL));
  for (const secret of secrets) assert(!kept.includes(secret));
});

Deno.test("no session begins for an account that was changed since its login", async () => {
  const { catalog, sessions, alice } = await bench();
  await catalog.setPassword("alice", "other");
  assertMatch(
    String(await assertRejects(() => sessions.begin(alice, "1", "::1"))),
    /sign in again/,
  );
});
