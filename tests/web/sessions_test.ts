// Sessions of browsers: their cookie, what begins and ends them, and that no other site uses them.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { addAccount, PASSWORD } from "../support/in_process.ts";
import { is, login, until } from "../support/native.ts";
import { holdsWeb, type WebClient } from "../support/web.ts";
import { ALL } from "../support/pages.ts";

/** Where an account's own page leads who is signed in, and who is not. */
async function signedIn(client: WebClient): Promise<boolean> {
  const reply = await client.fetch("/account");
  await reply.body?.cancel();
  assert(reply.status === 200 || reply.status === 303);
  return reply.status === 200;
}

const NAME = "__Host-towpath";

holdsWeb("the cookie is of this host alone, and no script reads it", async ({ browser }) => {
  const client = await browser();
  const form = { username: "alice", password: PASSWORD, next: "/account" };
  const reply = await client.fetch("/sign-in", { form });
  const [cookie, ...others] = reply.headers.getSetCookie();
  assertEquals(others.length, 0);
  const [pair, ...attributes] = cookie!.split("; ");
  assertMatch(pair!, /^__Host-towpath=[A-Za-z0-9_-]{43}$/);
  assertEquals(attributes.sort(), ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
});

holdsWeb("a login takes no secret that was there before (fixation)", async ({ browser }) => {
  const client = await browser();
  const planted = "A".repeat(43);
  client.cookies.set(NAME, planted);
  await client.signIn("alice");
  const first = client.cookies.get(NAME)!;
  assertNotStrictEquals(first, planted);
  // Signing in again begins another session, and ends the one before.
  const thief = await browser();
  thief.cookies.set(NAME, first);
  assertEquals(await signedIn(thief), true);
  const form = { username: "alice", password: PASSWORD, next: "/" };
  await (await client.fetch("/sign-in", { form })).body?.cancel();
  assertNotStrictEquals(client.cookies.get(NAME), first);
  assertEquals(await signedIn(thief), false);
});

holdsWeb("a cookie is void after sign-out", async ({ alice }) => {
  const secret = alice.cookies.get(NAME)!;
  assertEquals(await signedIn(alice), true);
  const out = await alice.fetch("/sign-out", { form: {} });
  assertEquals(out.status, 303);
  assertEquals(alice.cookies.get(NAME), undefined);
  alice.cookies.set(NAME, secret);
  assertEquals(await signedIn(alice), false);
});

holdsWeb(
  "another password ends all other sessions, and gives this one a new secret",
  async (bench) => {
    const { alice, browser } = bench;
    const other = await browser("alice");
    const before = alice.cookies.get(NAME)!;
    const form = { old: PASSWORD, new: "another horse", again: "another horse" };
    const reply = await alice.fetch("/account/password", { form });
    await reply.body?.cancel();
    assertEquals(reply.status, 303);
    assertNotStrictEquals(alice.cookies.get(NAME), before);
    assertEquals(await signedIn(alice), true);
    assertEquals(await signedIn(other), false);
    const thief = await browser();
    thief.cookies.set(NAME, before);
    assertEquals(await signedIn(thief), false);
  },
);

holdsWeb("a reset password, and a removed account, end its sessions", async (bench) => {
  const { server, alice, browser } = bench;
  await addAccount(server.vault, "bob");
  await addAccount(server.vault, "root", "rwcdt");
  using root = await login(server, "root");
  const bob = await browser("bob");
  is(await root.ask("RESETPW", { username: "alice", password: "another horse" }), "OK");
  assertEquals(await signedIn(alice), false);
  assertEquals(await signedIn(bob), true);
  is(await root.ask("DELU", { username: "bob" }), "OK");
  assertEquals(await signedIn(bob), false);
  await addAccount(server.vault, "bob");
  assertEquals(await signedIn(bob), false);
});

holdsWeb("sessions show in WHO, and KICK ends them for good", async ({ server, alice }) => {
  await addAccount(server.vault, "root", "rwcdt");
  using root = await login(server, "root");
  const { sessions } = is(await root.ask("WHO"), "OK") as {
    sessions: { session_id: string; username: string; protocol?: string }[];
  };
  const mine = sessions.find(({ username }) => username === "alice")!;
  assertMatch(JSON.stringify(mine), /"web"/);
  is(await root.ask("KICK", { session_id: mine.session_id }), "OK");
  await until(
    "the session is gone from the catalog",
    async () => (await server.catalog.webSessions.of("alice", ALL)).length === 0,
  );
  assertEquals(await signedIn(alice), false);
});

holdsWeb("failed logins in the browser count at every door", async ({ server, browser }) => {
  const client = await browser();
  let status = 0;
  for (let tries = 0; tries < 12; tries++) {
    const form = { username: "alice", password: "wrong horse", next: "/" };
    const reply = await client.fetch("/sign-in", { form });
    assertMatch(await reply.text(), /wrong|Too many/);
    status = reply.status;
  }
  assertEquals(status, 429);
  assertMatch(String(await assertRejects(() => login(server))), /TOO_MANY|Too many/);
});

holdsWeb("an unknown name gets the same words as a wrong password", async ({ browser }) => {
  const client = await browser();
  const texts = [];
  for (const username of ["alice", "nobody", "No Name", "'); --"]) {
    const form = { username, password: "wrong horse", next: "/" };
    const reply = await client.fetch("/sign-in", { form });
    assertEquals(reply.status, 401);
    texts.push(/role="alert"[^>]*>(.*?)<\//s.exec(await reply.text())?.[1]);
  }
  assertEquals(new Set(texts).size, 1);
  assertMatch(texts[0]!, /user name or password is wrong/);
});

holdsWeb("signing in leads to paths of this server alone", async ({ browser }) => {
  const elsewhere = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/..//evil.example/",
  ];
  for (const next of elsewhere) {
    const client = await browser();
    const form = { username: "alice", password: PASSWORD, next };
    const reply = await client.fetch("/sign-in", { form });
    const location = reply.headers.get("location")!;
    assertStrictEquals(new URL(location, client.origin).origin, client.origin, next);
    assertNotMatch(location, /^\/[/\\]/);
  }
});

holdsWeb("a visitor who makes an account is signed in by it", async ({ server, browser }) => {
  const client = await browser();
  const form = { username: "carol", password: "carols horse", next: "/account" };
  const reply = await client.fetch("/sign-up", { form });
  assertEquals([reply.status, reply.headers.get("location")], [303, "/account"]);
  assertEquals(await signedIn(client), true);
  assertEquals((await server.catalog.account("carol"))?.letters, "rwcd");
  const again = await (await browser()).fetch("/sign-up", { form });
  assertEquals(again.status, 409);
  assertMatch(await again.text(), /There is an account/);
}, { allowRegister: true });

holdsWeb("signing up is refused where it is not allowed", async ({ server, browser }) => {
  const client = await browser();
  const form = { username: "carol", password: "carols horse", next: "/" };
  const reply = await client.fetch("/sign-up", { form });
  assertEquals(reply.status, 403);
  await reply.body?.cancel();
  assertEquals(await server.catalog.account("carol"), undefined);
  const page = await client.fetch("/sign-in");
  assertNotMatch(await page.text(), /sign-up/);
});
