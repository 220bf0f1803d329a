/** Two workers on one port are one server: who is on, who may what, who holds an upload. */
import { assertEquals } from "@std/assert";
import { is, until } from "../../support/native.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const PASSWORD = "correct horse";

interface Session {
  session_id: string;
  username: string;
  transfer?: { filename: string };
}

async function who(client: RawClient): Promise<Session[]> {
  return is(await client.ask("WHO"), "OK").sessions as Session[];
}

/**
 * Connections of alice's, enough that no worker has none. Which one has which cannot be seen from
 * outside, and must not matter.
 */
async function crowd(server: TestServer): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < 12; i++) clients.push(await RawClient.login(server, "alice", PASSWORD));
  return clients;
}

async function begin(client: RawClient, filename: string): Promise<string> {
  const { temp_id } = is(await client.ask("UPLOAD", { filename }), "OK", 150);
  await client.data("12345");
  is(await client.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  return temp_id as string;
}

Deno.test("two workers are one server", async (t) => {
  await using server = await startServer({ args: ["--workers", "2"] });
  using admin = await RawClient.login(server, "admin", server.password);
  is(await admin.ask("ADDU", { username: "alice", password: PASSWORD }), "OK");
  const clients = await crowd(server);

  await t.step("WHO lists the sessions of both, and their transfers", async () => {
    const ids: string[] = [];
    for (const [index, client] of clients.entries()) ids.push(await begin(client, `f${index}`));
    const sessions = await who(admin);
    assertEquals(sessions.length, 13);
    assertEquals(new Set(sessions.map(({ session_id }) => session_id)).size, 13);
    const names = sessions.flatMap(({ transfer }) => transfer ? [transfer.filename] : []);
    assertEquals(names.sort(), clients.map((_, index) => `/f${index}`).sort());
  });

  await t.step("TRANS ends uploads in both", async () => {
    is(await admin.ask("TRANS", { username: "alice", permissions: "r" }), "OK");
    for (const client of clients) is(await client.reply(), "PERMISSION_DENIED");
    for (const client of clients) is(await client.ask("LIST"), "OK");
    is(await admin.ask("TRANS", { username: "alice", permissions: "rwcd" }), "OK");
  });

  await t.step("RESUME takes an upload from a connection of either", async () => {
    await until("the letters are back everywhere", async () => {
      const replies = await Promise.all(clients.map((client) => client.ask("PARTS")));
      return replies.every(({ status }) => status === "OK");
    });
    const temp_id = await begin(clients[0]!, "taken");
    let holder = clients[0]!;
    for (const client of clients.slice(1)) {
      assertEquals(is(await client.ask("RESUME", { temp_id }), "OK", 150).offset, 5);
      is(await holder.reply(), "ABORTED");
      holder = client;
    }
    await holder.data("67");
    await holder.send("END");
    assertEquals(is(await holder.reply(), "OK", 226).size, 7);
  });

  await t.step("a share that moves or ends with its file does so in both at once", async () => {
    const seen = (path: string) => ({ filename: `/shared/admin/${path}` });
    for (let round = 0; round < 5; round++) {
      is(await admin.upload("doc", "for alice"), "OK", 226);
      is(await admin.ask("SHAR", { filename: "doc", username: "alice" }), "OK");
      for (const client of clients) is(await client.ask("STAT", seen("doc")), "OK");
      is(await admin.ask("RENAME", { from: "doc", to: "paper" }), "OK");
      for (const client of clients) is(await client.ask("STAT", seen("paper")), "OK");
      is(await admin.ask("DELE", { filename: "paper" }), "OK");
      is(await admin.upload("paper", "for nobody"), "OK", 226);
      for (const client of clients) is(await client.ask("STAT", seen("paper")), "FILE_NOT_FOUND");
      is(await admin.ask("DELE", { filename: "paper" }), "OK");
    }
  });

  await t.step("KICK reaches a session in either", async () => {
    const sessions = (await who(admin)).filter(({ username }) => username === "alice");
    for (const { session_id } of sessions.slice(0, 4)) {
      is(await admin.ask("KICK", { session_id }), "OK");
      is(await admin.ask("KICK", { session_id }), "FILE_NOT_FOUND");
    }
    assertEquals((await who(admin)).length, 9);
  });

  await t.step("RESETPW ends the sessions of both", async () => {
    is(await admin.ask("RESETPW", { username: "alice", password: "battery staple" }), "OK");
    for (const client of clients) assertEquals(await client.reply(), null);
    assertEquals((await who(admin)).map(({ username }) => username), ["admin"]);
  });
});
