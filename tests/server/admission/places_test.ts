/** Silent connections keep no place from those who log in, at any port. */
import { delay } from "@std/async";
import { assert, assertEquals } from "@std/assert";
import { connectionCounter } from "../../../server/admission/limits.ts";
import { Places, STRANGER_MS } from "../../../server/admission/places.ts";
import { FtpClient } from "../../support/ftp_client.ts";
import { RawClient } from "../../support/raw_client.ts";
import { until } from "../../support/native.ts";
import { startServer, type TestServer } from "../../support/server.ts";

Deno.test("the oldest connection without a login gives its place to a new one", () => {
  let now = 0;
  const places = new Places(connectionCounter(), 0, { connections: () => 3 }, () => now);
  const ended: string[] = [];
  const take = (name: string) => places.take(() => ended.push(name));
  const [a, b, c] = [take("a"), take("b"), take("c")];
  assert(a.admitted && b.admitted && c.admitted);
  a.setIdentified(true);
  assertEquals(take("too soon").admitted, false);
  now = STRANGER_MS;
  const d = take("d");
  assert(d.admitted);
  assertEquals(ended, ["b"]);
  b.release(); // its place was given away already
  assert(take("e").admitted);
  assertEquals(ended, ["b", "c"]);
  assertEquals(take("f").admitted, false);
  a.setIdentified(false); // a request has ended: the youngest now
  now = 2 * STRANGER_MS;
  assert(take("g").admitted);
  assertEquals(ended, ["b", "c", "d"]);
});

Deno.test("a worker that has no descriptor left admits fewer, and closes strangers for it", () => {
  let now = 0;
  const places = new Places(connectionCounter(), 0, { connections: () => 1000 }, () => now);
  let ended = 0;
  for (let count = 0; count < 100; count++) places.take(() => ended++);
  now = STRANGER_MS;
  places.relieve();
  assertEquals(ended, 12);
  for (let count = 0; count < 5; count++) assert(places.take(() => ended++).admitted);
  assertEquals(ended, 17);
  now += 60_000;
  for (let count = 0; count < 500; count++) assert(places.take(() => ended++).admitted);
  assertEquals(ended, 17);
});

Deno.test("two workers count together, and each closes its own strangers", () => {
  let now = 0;
  const counter = connectionCounter(2);
  const [one, other] = [0, 1].map((worker) =>
    new Places(counter, worker, { connections: () => 2 }, () => now)
  ) as [
    Places,
    Places,
  ];
  const ended: string[] = [];
  assert(one.take(() => ended.push("one")).admitted);
  assert(other.take(() => ended.push("other")).admitted);
  now = STRANGER_MS;
  assert(other.take(() => ended.push("later")).admitted);
  assertEquals(ended, ["other"]);
});

/** Connects again and again, until there is a place for that, or none. */
async function connectsUntil(
  server: TestServer,
  admitted: boolean,
  what: string,
  before?: () => Promise<void>,
): Promise<void> {
  await until(what, async () => {
    await before?.().catch(() => {}); // refused while a worker starts again
    const reported = await RawClient.connect(server).then(async (client) => {
      using _ = client;
      return (await client.ask("NOOP")).status;
    }).catch(() => "TOO_MANY");
    return admitted === (reported !== "TOO_MANY");
  });
}

Deno.test("silent connections at any port do not keep others from logging in", async () => {
  const max = 6;
  const args = ["--max-connections", String(max)];
  await using server = await startServer({ web: true, ftp: true, args });
  const { native, ftp, ftps, web } = server.info;
  for (const port of [native, ftp, ftps, web].map((place) => place!.port)) {
    const silent: Deno.Conn[] = [];
    // With each further one there is less room, then there is none; then the oldest give way.
    await connectsUntil(server, false, `connections of port ${port} are counted`, async () => {
      silent.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    });
    await connectsUntil(server, true, `connections of port ${port} give way`);
    for (const connection of silent) connection.close();
  }
  // A login keeps its place. The server sees a moment later that the connections are closed.
  let loggedIn: RawClient | undefined;
  await until("there is a place for a login", async () => {
    loggedIn = await RawClient.login(server, "admin", server.password).catch(() => undefined);
    return loggedIn !== undefined;
  });
  using client = loggedIn!;
  using other = await FtpClient.login(
    { port: ftp!.port, caText: server.caText },
    "admin",
    server.password,
  );
  const silent: Deno.Conn[] = [];
  for (let count = 0; count < 4 * max; count++) {
    silent.push(await Deno.connect({ hostname: "127.0.0.1", port: native!.port }));
    await delay((STRANGER_MS + 500) / (4 * max));
  }
  assertEquals((await client.ask("NOOP")).status, "OK");
  await other.ask("NOOP", 200);
  for (const connection of silent) connection.close();
});
