/** PROTOCOL, `WHO` and `KICK`: who is on, and who is not any more. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { IdleTimer } from "../../server/native/idle_timer.ts";
import { addAccount } from "../support/in_process.ts";
import { holds, is, login, MIB, until } from "../support/native.ts";
import type { RawClient } from "../support/raw_client.ts";

interface Session {
  session_id: string;
  username: string;
  door: string;
  address: string;
  since: number;
  transfer?: { filename: string; direction: string; offset: number; size: number; rate: number };
}

async function who(root: RawClient): Promise<Session[]> {
  return is(await root.ask("WHO"), "OK").sessions as Session[];
}

holds("WHO lists sessions and their transfers", async ({ server, alice }) => {
  const before = Date.now();
  await addAccount(server.vault, "root", "rt");
  is(await alice.upload("large", new Uint8Array(24 * MIB)), "OK", 226);
  using reader = await login(server);
  using root = await login(server, "root");
  const [first, second, third] = await who(root);
  assertEquals([first, second, third].map((session) => session!.username), [
    "alice",
    "alice",
    "root",
  ]);
  const { session_id, since, ...rest } = first!;
  assertEquals(rest, { username: "alice", door: "native", address: "127.0.0.1" });
  assert(Math.abs(since - before) < 60_000);
  assertStrictEquals(is(await alice.ask("STAT"), "OK").session_id, session_id);

  is(await alice.ask("UPLOAD", { filename: "up", file_size: 10 }), "OK", 150);
  await alice.data("12345");
  is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  is(await reader.ask("DOWNLOAD", { filename: "large", offset: 5 }), "OK", 150);
  const [up, down] = (await who(root)).map(({ transfer }) => transfer!);
  assertEquals(
    [up!.filename, up!.direction, up!.offset, up!.size],
    ["/up", "upload", 5, 10],
  );
  assertEquals(
    [down!.filename, down!.direction, down!.size],
    ["/large", "download", 24 * MIB],
  );
  assert(Number.isInteger(up!.rate) && Number.isInteger(down!.rate));
  is(await reader.untilReply(() => {}), "OK", 226);
  await alice.data("67890");
  await alice.send("END");
  is(await alice.reply(), "OK", 226);
  assert((await who(root)).every(({ transfer }) => transfer === undefined));
  reader.close();
  is(await alice.ask("QUIT"), "OK");
  await until("those that left are gone", async () => (await who(root)).length === 1);
});

holds("WHO names the node, where several share the accounts", async ({ server }) => {
  await addAccount(server.vault, "root", "t");
  using root = await login(server, "root");
  const sessions = await who(root) as unknown as { node?: string }[];
  assertEquals(sessions.map(({ node }) => node), ["n1", "n1"]);
}, { node: "n1" });

holds("a connection that changes its account is one session", async ({ server, alice }) => {
  await addAccount(server.vault, "root", "t");
  const password = "correct horse";
  is(await alice.ask("AUTH", { username: "root", password }), "AUTH_SUCCESS");
  is(await alice.ask("AUTH", { username: "root", password: "wrong password" }), "AUTH_FAILED");
  assertEquals((await who(alice)).map(({ username }) => username), ["root"]);
});

holds("KICK keeps the upload and closes the connection", async ({ server, alice }) => {
  await addAccount(server.vault, "root", "t");
  using root = await login(server, "root");
  const { temp_id } = is(await alice.ask("UPLOAD", { filename: "up" }), "OK", 150);
  await alice.data("12345");
  is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
  const [session] = await who(root);
  is(await root.ask("KICK", { session_id: session!.session_id }), "OK");
  const ended = is(await alice.reply(), "ABORTED");
  assertEquals([ended.temp_id, ended.offset], [temp_id, 5]);
  assertEquals(await alice.reply(), null);
  is(await root.ask("KICK", { session_id: session!.session_id }), "FILE_NOT_FOUND");
  is(await root.ask("KICK", { session_id: "none" }), "FILE_NOT_FOUND");
  assertEquals((await who(root)).length, 1);
  using again = await login(server);
  assertEquals(is(await again.ask("RESUME", { temp_id }), "OK", 150).offset, 5);
});

let connections = 0;
const counted = {
  admit() {
    connections++;
    return {
      admitted: true,
      release: () => void connections--,
      setIdentified() {},
      setAddress: () => undefined,
    } as const;
  },
};

holds("KICK stops a download, also of one who does not read", async ({ server, alice }) => {
  await addAccount(server.vault, "root", "t");
  using root = await login(server, "root");
  is(await alice.upload("large", new Uint8Array(64 * MIB)), "OK", 226);
  using reader = await login(server);
  using stalled = await login(server);
  for (const client of [reader, stalled]) {
    is(await client.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
  }
  for (const { session_id, transfer } of await who(root)) {
    if (transfer) is(await root.ask("KICK", { session_id }), "OK");
  }
  is(await reader.untilReply(() => {}), "ABORTED");
  assertEquals(await reader.reply(), null);
  assertEquals((await who(root)).length, 2);
  await until("the one that does not read is cut off", () => connections === 2);
}, { limits: counted });

holds("uploads finished before the KICK are acknowledged", async ({ server, alice }) => {
  await addAccount(server.vault, "root", "t");
  using root = await login(server, "root");
  for (let i = 0; i < 50; i++) {
    await alice.send("UPLOAD", { filename: `f${i}`, pipelined: true }, i);
    await alice.data(`content ${i}`);
    await alice.send("END");
  }
  is(await alice.reply(), "OK", 226, 0);
  const [session] = await who(root);
  is(await root.ask("KICK", { session_id: session!.session_id }), "OK");
  let acknowledged = 1;
  for (let reply = await alice.reply(); reply !== null; reply = await alice.reply()) {
    if (reply.status === "OK") acknowledged++;
  }
  using again = await login(server);
  const { names } = is(await again.ask("NLST"), "OK");
  assert((names as string[]).length >= acknowledged);
});

holds("an administrator who kicks himself gets the reply first", async ({ server }) => {
  await addAccount(server.vault, "root", "t");
  using root = await login(server, "root");
  const { session_id } = is(await root.ask("STAT"), "OK", 211);
  is(await root.ask("KICK", { session_id }), "OK");
  assertEquals(await root.reply(), null);
});

holds("a download that is not taken ends like any silence", async ({ server, alice }) => {
  is(await alice.upload("large", new Uint8Array(64 * MIB)), "OK", 226);
  using stalled = await login(server);
  is(await stalled.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
  await until("it is cut off", async () => {
    is(await alice.ask("NOOP"), "OK"); // who says something stays
    return connections === 1;
  });
}, { limits: { ...counted, idleTimeoutMs: 1000 } });

Deno.test("a login is waited for two minutes at most, even if bytes keep coming", () => {
  let now = 5;
  const timer = new IdleTimer(() => now);
  const isOver = (loggedIn: boolean, waits: boolean) => timer.isOver(60_000, loggedIn, waits);
  for (now += 50_000; now < 120_000; now += 50_000) {
    timer.touch();
    assertEquals([isOver(false, true), isOver(true, true)], [false, false]);
  }
  now = 120_006;
  timer.touch();
  assertEquals([isOver(false, true), isOver(false, false), isOver(true, true)], [
    true,
    false, // a password is being hashed
    false,
  ]);
  now += 60_001;
  assertEquals([isOver(true, true), isOver(true, false)], [true, false]);
});
