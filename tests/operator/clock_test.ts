// A machine's clock that is wrong, on the real server.
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { WAIT_MS } from "../../storage/contract/clock.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import { testsAtOnce } from "../support/at_once.ts";
import { FakedClock, withoutFakedClock } from "../support/machine/faked_clock.ts";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import type { Json } from "../support/admin.ts";

const test = testsAtOnce();

/** Each of the starts makes an account, or logs in. */
const PROGRAM = "tests/support/quick/main.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;

async function health(server: TestServer): Promise<string> {
  using client = Deno.createHttpClient({ caCerts: [server.caText] });
  const reply = await fetch(`https://localhost:${server.info.web!.port}/healthz`, { client });
  return await reply.text();
}

/** Begins an upload that the connection's end suspends. */
async function suspendUpload(server: TestServer, filename: string): Promise<void> {
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.ask("UPLOAD", { filename, file_size: 100 }), "OK", 150);
  await client.data("part");
  await client.send("ABOR");
  is(await client.reply(), "ABORTED");
}

async function parts(server: TestServer): Promise<Json[]> {
  using client = await RawClient.login(server, "admin", server.password);
  return is(await client.ask("PARTS"), "OK").parts as Json[];
}

const names = (of: Json[]) => of.map(({ filename }) => filename).sort();

async function makeToken(server: TestServer, ttlMs: number): Promise<string> {
  using client = await RawClient.login(server, "admin", server.password);
  return String(is(await client.ask("TOKEN", { ttl_ms: ttlMs }), "OK").token);
}

async function isValid(server: TestServer, token: string): Promise<boolean> {
  using client = await RawClient.connect(server);
  return (await client.ask("AUTH", { token })).status === "AUTH_SUCCESS";
}

async function restartAt(server: TestServer, clock: FakedClock, days: number): Promise<void> {
  await server.stop();
  clock.set(days);
  await server.start();
}

test("a clock a year ahead at one start removes nothing for good", async () => {
  using clock = new FakedClock();
  // Housekeeping begins with the start, and would remove what is a year old.
  const args = ["--part-ttl", "1h"];
  await using server = await startServer({ program: PROGRAM, web: true, args, env: clock.env });
  await suspendUpload(server, "early");
  const token = await makeToken(server, 30 * DAY_MS);
  assertMatch(await health(server), /^ok\n/);
  const { caText } = server;

  await restartAt(server, clock, 365);
  await until("the clock is reported", async () => {
    return /^degraded\nclock: .*365 days later .*nothing is removed/.test(await health(server));
  });
  assertMatch(server.stderr, /Trouble with the clock: .*365 days later/);
  assertEquals(names(await parts(server)), ["/early"]);
  assertEquals(await isValid(server, token), false);
  await suspendUpload(server, "ahead");
  const ahead = await makeToken(server, HOUR_MS);
  assertEquals(await isValid(server, ahead), true);

  await restartAt(server, clock, 0);
  assertMatch(await health(server), /^ok\n/);
  assertEquals(await isValid(server, token), true);
  assertEquals(server.caText, caText);
  await until("records dated in the future are dated now", async () => {
    const found = await parts(server);
    assertEquals(names(found), ["/ahead", "/early"]);
    return found.every(({ expires }) => expires <= Date.now() + HOUR_MS);
  });
  // A token that was made then is not good for a year and an hour.
  using client = await RawClient.login(server, "admin", server.password);
  const tokens = is(await client.ask("TOKENS"), "OK").tokens as Json[];
  assert(tokens.some(({ expires }) => expires <= Date.now() + HOUR_MS), JSON.stringify(tokens));
}, { ignore: withoutFakedClock });

test("a clock set back at one start prolongs nothing, and records made then are kept", async () => {
  using clock = new FakedClock();
  const args = ["--part-ttl", "1h"];
  await using server = await startServer({ program: PROGRAM, web: true, args, env: clock.env });
  await suspendUpload(server, "early");
  const token = await makeToken(server, 1);
  await until("the token ends", async () => !await isValid(server, token));

  await restartAt(server, clock, -365);
  await until("the clock is reported", async () => {
    return /^degraded\nclock: .*365 days earlier /.test(await health(server));
  });
  assertEquals(await isValid(server, token), false);
  await suspendUpload(server, "late");
  const [late, early] = (await parts(server)).toSorted((a, b) => b.expires - a.expires);
  assertEquals([late.filename, early.filename], ["/late", "/early"]);

  await restartAt(server, clock, 0);
  assertEquals(names(await parts(server)), ["/early", "/late"]);
}, { ignore: withoutFakedClock });

test(
  "a clock set while the server runs is reported, and so is that it is right again",
  async () => {
    using clock = new FakedClock();
    await using server = await startServer({ program: PROGRAM, web: true, env: clock.env });
    clock.set(-3);
    await until("the clock is reported", async () => {
      return /^degraded\nclock: .*3 days earlier /.test(await health(server));
    });
    clock.set(0);
    await until("all is well", async () => /^ok\n/.test(await health(server)));
    assertMatch(server.stderr, /The machine's clock is as the server expects it again/);
  },
  { ignore: withoutFakedClock },
);

test("after a month off, expired records are removed once the server has run for a day", async () => {
  const data = join(Deno.makeTempDirSync(), "data");
  try {
    {
      await using server = await startServer({ program: PROGRAM, data });
      await suspendUpload(server, "old");
      assertEquals(await server.stop(), 0);
    }
    // As if it had been off for a month, and had run for all but the last seconds of the wait.
    const catalog = SqliteCatalog.open(join(data, "catalog.db"), { durability: "full" });
    const [upload] = await catalog.uploads();
    const { offsetBytes: offset, offsetHash: hash } = upload!;
    const monthAgoMs = Date.now() - 30 * DAY_MS;
    await catalog.noteProgress(upload!, { offset, hash }, monthAgoMs);
    const waited = WAIT_MS - 3000;
    await catalog.marks.note({ seen: monthAgoMs, ahead: 30 * DAY_MS, waited });
    await catalog.close();

    const args = ["--part-ttl", "4s"]; // housekeeping every second
    await using server = await startServer({ program: PROGRAM, data, web: true, args });
    await until("it is removed", async () => (await parts(server)).length === 0);
    assertMatch(server.stderr, /Trouble with the clock: .*30 days later/);
    await until("all is well", async () => /^ok\n/.test(await health(server)));
  } finally {
    Deno.removeSync(join(data, ".."), { recursive: true });
  }
});
