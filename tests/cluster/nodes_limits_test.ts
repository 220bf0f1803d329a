/** Limits over several nodes: rates, connections, requests, networks and guesses count everywhere. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { is, MIB, randomBytes, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import type { TestServer } from "../support/server.ts";
import { WebClient } from "../support/web.ts";
import { basic, WebProgram } from "../support/web_program.ts";
import { withoutPostgres } from "./engines.ts";
import {
  ADMIN_PASSWORD,
  ftpAs,
  login,
  loginAs,
  PASSWORD,
  type Shared,
  withNodes,
} from "./nodes.ts";

/** Bytes per second of the account. */
const RATE = MIB;
/** Beyond the rate: what an unused budget gathers, and a share ahead of each worker. */
const AHEAD = RATE * 0.65;

/** A download that runs until it is stopped. */
interface Reading extends Disposable {
  bytes(): number;
}

async function readNative(server: TestServer, shared: Shared): Promise<Reading> {
  const client = await loginAs(server, shared, "zoe");
  is(await client.ask("DOWNLOAD", { filename: "large" }), "OK", 150);
  let count = 0;
  client.untilReply((piece) => count += piece.length).catch(() => {});
  return { bytes: () => count, [Symbol.dispose]: () => client.connection.close() };
}

async function readFtp(server: TestServer, shared: Shared): Promise<Reading> {
  const client = await ftpAs(server, shared, "zoe");
  const data = await client.begin("RETR large");
  return {
    bytes: () => data.received,
    [Symbol.dispose]() {
      data.cut();
      client.close();
    },
  };
}

function readWeb(server: TestServer, { caText }: Shared): Reading {
  const http = Deno.createHttpClient({ caCerts: [caText] });
  let count = 0;
  (async () => {
    const address = `https://localhost:${server.info.web!.port}/api/v1/files/large`;
    const headers = { authorization: basic("zoe", PASSWORD) };
    const reply = await fetch(address, { client: http, headers });
    for await (const piece of reply.body!) count += piece.length;
  })().catch(() => {});
  return { bytes: () => count, [Symbol.dispose]: () => http.close() };
}

Deno.test({
  name:
    "nodes: limits of an account hold over nodes and doors, and a killed node gives its part back",
  ignore: withoutPostgres,
  fn: (test) =>
    withNodes(async (node, shared) => {
      const [one, other] = await Promise.all([node("one"), node("other")]);
      using root = await login(one, shared);
      for (const username of ["zoe", "mia"]) {
        is(await root.ask("ADDU", { username, password: PASSWORD }), "OK");
      }
      const web = new WebClient(other.info.web!.port, shared.caText);
      const program = new WebProgram(web, basic("zoe", PASSWORD));

      await test.step("networks that are refused lose their sessions at once", async () => {
        using native = await loginAs(other, shared, "zoe");
        const ftp = await ftpAs(other, shared, "zoe");
        const browser = new WebClient(other.info.web!.port, shared.caText);
        await browser.signIn("zoe", PASSWORD);
        await shared.operate("user", "limit", "zoe", "--deny-ip", "127.0.0.0/8");
        await until("native ends", () => isOver(native));
        assertEquals((await ftp.replyOrEnd().catch(() => null))?.code ?? 421, 421);
        await until("the browser is signed out", async () => {
          const reply = await browser.fetch("/files/");
          await reply.body?.cancel();
          return reply.status !== 200;
        });
        await assertRejects(() => loginAs(one, shared, "zoe"));
        browser.close();
        ftp.close();
        await shared.operate("user", "limit", "zoe", "--deny-ip", "default");
        await until("the account may log in", () => mayLogIn(one, shared, "zoe"));
      });

      await test.step("wrong passwords at one node slow guesses at the other down", async () => {
        const guess = async ({ info }: TestServer) => {
          const client = new WebClient(info.web!.port, shared.caText);
          const answer = await new WebProgram(client, basic("mia", "wrong password"))
            .ask("/account");
          client.close();
          return answer.status;
        };
        let guesses = 0;
        while (await guess(one) !== 429) assert(++guesses < 19, "guesses are not slowed down");
        await until("the other node refuses, too", async () => await guess(other) === 429);
      });

      await test.step("requests are counted over nodes", async () => {
        await shared.operate("user", "limit", "zoe", "--requests", "6");
        using first = await loginAs(one, shared, "zoe");
        using second = await loginAs(other, shared, "zoe");
        await until("one node refuses", async () => (await first.ask("NOOP")).status !== "OK");
        // One comes back every 10 s.
        const startMs = performance.now();
        let served = 0;
        while ((await second.ask("NOOP")).status === "OK") served++;
        const most = 2 + (performance.now() - startMs) / 10_000;
        assert(served <= most, `${served} requests`);
        assertEquals((await program.ask("/account")).status, 429);
        await shared.operate("user", "limit", "zoe", "--requests", "none");
        await until("requests are served", async () => (await first.ask("NOOP")).status === "OK");
        is(await first.upload("large", randomBytes(24 * MIB)), "OK", 226);
      });

      await test.step("connections are counted over nodes", async () => {
        // This one is open when the limit is set.
        using _first = await loginAs(one, shared, "zoe");
        await shared.operate("user", "limit", "zoe", "--connections", "2");
        const second = await ftpAs(other, shared, "zoe");
        for (const at of [one, other]) {
          await until("a third is refused", async () => !await mayLogIn(at, shared, "zoe"));
        }
        assertEquals((await program.ask("/account")).status, 429);
        second.close();
        await until("a place is free", async () => (await program.ask("/account")).status === 200);
      });

      await test.step("a rate holds over all doors, also when a node is killed", async () => {
        const [rate, connections] = [["--rate", String(RATE)], ["--connections", "4"]];
        await shared.operate("user", "limit", "zoe", ...rate, ...connections);
        const startMs = performance.now();
        using stack = new DisposableStack();
        const readings: Reading[] = [];
        for (
          const [at, read] of [[one, readNative], [one, readFtp], [other, readNative]] as const
        ) {
          await until("there is a place", async () => {
            const reading = await read(at, shared).catch(() => undefined);
            if (reading !== undefined) readings.push(stack.use(reading));
            return reading !== undefined;
          });
        }
        readings.push(stack.use(readWeb(other, shared)));
        const sum = () => readings.reduce((total, reading) => total + reading.bytes(), 0);
        const goesOn = async (which: readonly Reading[]) => {
          const before = which.map((reading) => reading.bytes());
          await until("all go on", () => {
            const seconds = (performance.now() - startMs) / 1000;
            const rate = (sum() - AHEAD) / seconds;
            assert(rate <= RATE * 1.05, `${rate} bytes per second`);
            return which.every((it, index) => it.bytes() > before[index]! + RATE / 2);
          });
        };
        await goesOn(readings);
        await one.kill9();
        await goesOn(readings.slice(2));
        const third = await loginWhenFree(other, shared, "the killed node's places are free");
        third.connection.close();
      });
      web.close();
    }),
});

Deno.test({
  name:
    "nodes: connections and requests of an address are counted over nodes, and a ban holds at all",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const [one, other] = await Promise.all([node("one"), node("other")]);
      using first = await login(one, shared);
      using second = await login(other, shared);
      const places = [await login(one, shared), await login(other, shared)];
      for (const at of [one, other]) await assertRejects(() => login(at, shared));
      for (const place of places) place.connection.close();
      await until("a place is free", () => mayLogIn(other, shared, "admin", ADMIN_PASSWORD));
      let served = 0;
      while (served < 200 && (await first.ask("NOOP")).status === "OK") served++;
      assert(served < 100, `${served} requests`);
      await until("the other node refuses, too", async () =>
        (await second.ask("NOOP")).status === "TOO_MANY");

      await shared.operate("ban", "127.0.0.0/8");
      for (const client of [first, second]) {
        await until("it ends", () =>
          isOver(client));
      }
      await assertRejects(() => login(other, shared));
      await shared.operate("unban", "127.0.0.0/8");
      await until("the ban is lifted", async () => {
        using client = await RawClient.connect({ port: other.port, caText: shared.caText })
          .catch(() => undefined);
        return client !== undefined && (await client.ask("NOOP").catch(() => null)) !== null;
      });
    }, ["--max-connections-per-address=4", "--max-requests-per-address=60"]),
});

async function isOver(client: RawClient): Promise<boolean> {
  const status = (await client.ask("NOOP").catch(() => null))?.status;
  return status !== "OK" && status !== "TOO_MANY";
}

async function mayLogIn(
  at: TestServer,
  shared: Shared,
  name: string,
  password = PASSWORD,
): Promise<boolean> {
  using client = await loginAs(at, shared, name, password).catch(() => undefined);
  return client !== undefined;
}

async function loginWhenFree(at: TestServer, shared: Shared, what: string): Promise<RawClient> {
  let client: RawClient | undefined;
  await until(what, async () => {
    client = await loginAs(at, shared, "zoe").catch(() => undefined);
    return client !== undefined;
  });
  return client!;
}
