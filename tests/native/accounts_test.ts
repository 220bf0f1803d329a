/** PROTOCOL, "Session": registering and the own password; what ends with it, and what goes on. */
import { assert, assertEquals } from "@std/assert";
import { addAccount, openInProcess, PASSWORD } from "../support/in_process.ts";
import { holds, is, login } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";

const NEW = "battery staple";

Deno.test("REG makes an account with the default letters, without a login", async () => {
  await using server = await openInProcess({ allowRegister: true, durability: "relaxed" });
  using client = await RawClient.connect(server);
  is(await client.ask("REG", { username: "carol", password: PASSWORD }), "OK", 200);
  is(await client.ask("LIST"), "AUTH_REQUIRED");
  const data = is(
    await client.ask("AUTH", { username: "carol", password: PASSWORD }),
    "AUTH_SUCCESS",
  );
  assertEquals([data.permissions, data.role], ["rwcd", "user"]);
  is(await client.upload("a", "content"), "OK", 226);
  is(await client.ask("REG", { username: "carol", password: PASSWORD }), "ALREADY_EXISTS");
  is(await client.ask("SIZE", { filename: "a" }), "OK");
  for (const username of ["Carol", "", "shared", "*", "a/b", "../x", "x".repeat(65), "ä", "-a"]) {
    is(await client.ask("REG", { username, password: PASSWORD }), "BAD_NAME");
  }
  for (const password of ["", "short", "x".repeat(1025), "12345678\ud800"]) {
    is(await client.ask("REG", { username: "dave", password }), "BAD_REQUEST");
  }
  assert((is(await client.ask("FEAT"), "OK").features as string[]).includes("registration"));
});

Deno.test("without registration REG says so before anything else", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  using client = await RawClient.connect(server);
  for (const username of ["carol", "alice", "Bad Name"]) {
    is(await client.ask("REG", { username, password: PASSWORD }), "PERMISSION_DENIED");
  }
  assertEquals(await server.catalog.account("carol"), undefined);
  assert(!(is(await client.ask("FEAT"), "OK").features as string[]).includes("registration"));
});

Deno.test("one address cannot register without end", async () => {
  await using server = await openInProcess({ allowRegister: true, durability: "relaxed" });
  using client = await RawClient.connect(server);
  const statuses = [];
  for (let i = 0; i < 12; i++) {
    const { status } = await client.ask("REG", { username: `user${i}`, password: PASSWORD });
    statuses.push(status);
  }
  assertEquals(statuses, [...Array(11).fill("OK"), "TOO_MANY"]);
});

holds("PASSWD ends the other sessions and keeps the own", async ({ server, alice }) => {
  await addAccount(server.vault, "bob");
  using other = await login(server);
  using bob = await login(server, "bob");
  using idle = await login(server);
  const { temp_id } = is(await other.ask("UPLOAD", { filename: "big" }), "OK", 150);
  await other.data("12345");
  is(await other.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come

  const passwords = { password: "wrong password", new_password: NEW };
  is(await alice.ask("PASSWD", passwords), "AUTH_FAILED");
  is(await alice.ask("PASSWD", { password: PASSWORD, new_password: "short" }), "BAD_REQUEST");
  is(await alice.ask("PASSWD", { ...passwords, password: PASSWORD }), "OK", 200);

  const ended = is(await other.reply(), "ABORTED");
  assertEquals([ended.temp_id, ended.offset], [temp_id, 5]);
  assertEquals(await other.reply(), null);
  assertEquals(await idle.reply(), null);
  is(await bob.ask("LIST"), "OK");
  is(await alice.ask("LIST"), "OK");
  is(await alice.ask("PASSWD", { ...passwords, password: PASSWORD }), "AUTH_FAILED");

  using again = await RawClient.connect(server);
  is(await again.ask("AUTH", { username: "alice", password: PASSWORD }), "AUTH_FAILED");
  is(await again.ask("AUTH", { username: "alice", password: NEW }), "AUTH_SUCCESS");
  const resumed = is(await again.ask("RESUME", { temp_id }), "OK", 150);
  assertEquals(resumed.offset, 5); // the upload was kept
});

holds("a password changed by another process ends the session too", async ({ server, alice }) => {
  const { generation } = (await server.catalog.account("alice"))!;
  await server.catalog.updateAccount("alice", { generation: generation + 1 });
  is(await alice.ask("LIST"), "AUTH_REQUIRED");
  assertEquals(await alice.reply(), null);
});

holds("wrong old passwords count as failed logins", async ({ server, alice }) => {
  for (let i = 0; i < 11; i++) {
    const data = { password: `guess ${i} of it`, new_password: NEW };
    is(await alice.ask("PASSWD", data), "AUTH_FAILED");
  }
  const data = { password: PASSWORD, new_password: NEW };
  const late = is(await alice.ask("PASSWD", data), "TOO_MANY", 450);
  assert((late.retry_after_ms as number) > 0);
  using other = await RawClient.connect(server);
  is(await other.ask("AUTH", { username: "alice", password: PASSWORD }), "TOO_MANY", 450);
  is(await alice.ask("LIST"), "OK"); // who is in, stays in
});
