/** Limits of requests and of an account's connections, on the real server with two workers. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FtpClient } from "../../support/ftp_client.ts";
import { is, until } from "../../support/native.ts";
import { dataFrame, jsonFrame, RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { adminBeside } from "../../support/server_admin.ts";
import { WebClient } from "../../support/web.ts";
import { basic, WebProgram } from "../../support/web_program.ts";

const PASSWORD = "correct horse";

function limit(server: TestServer, ...args: string[]): Promise<string> {
  return adminBeside(server, "user", "limit", "alice", ...args);
}

/** A server with two workers, all doors, and the account `alice`. */
async function startAll(...args: string[]): Promise<TestServer> {
  const server = await startServer({
    web: true,
    ftp: true,
    args: ["--workers", "2", ...args],
  });
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.ask("ADDU", { username: "alice", password: PASSWORD }), "OK");
  return server;
}

/** Asks over HTTP on a connection of its own. */
async function ask(server: TestServer, path: string, credential = basic("alice", PASSWORD)) {
  const client = new WebClient(server.info.web!.port, server.caText);
  try {
    return await new WebProgram(client, credential).ask(path);
  } finally {
    client.close();
  }
}

function ftpOf(server: TestServer) {
  return { host: "127.0.0.1", port: server.info.ftp!.port, caText: server.caText };
}

Deno.test("requests of an address are counted over doors and workers, and refused in time", async () => {
  await using server = await startAll("--max-requests-per-address", "20");
  const ftp = await FtpClient.connect(ftpOf(server));
  await ftp.reply(220);
  using native = await RawClient.login(server, "alice", PASSWORD);
  let served = 0;
  const exhaust = async () => {
    // One comes back every 3 s.
    while (served < 100 && (await native.ask("NOOP")).status === "OK") served++;
  };
  await exhaust();
  assert(served > 10 && served < 40, `${served} requests`);

  const refused = is(await native.ask("LIST"), "TOO_MANY", 450);
  const waitMs = refused.retry_after_ms as number;
  assert(waitMs > 0 && waitMs <= 3000, `${waitMs} ms`);
  // The check itself uses up the limit, so the next one is refused.
  for (let i = 0; i < 4; i++) {
    await until("another connection is refused", async () => {
      using other = await RawClient.connect(server);
      return (await other.ask("NOOP")).status === "TOO_MANY";
    });
  }
  await until("FTP is refused", async () => (await ftp.ask("NOOP")).code === 450);
  await until("HTTP is refused", async () => {
    const { status, headers } = await ask(server, "/account");
    return status === 429 && Number(headers.get("retry-after")) > 0;
  });
  await exhaust();

  // An upload that was sent ahead is one request, and its DATA and END are none.
  const upload = { filename: "f", file_size: 2, pipelined: true };
  await native.raw(jsonFrame({ command: "UPLOAD", data: upload, id: 1 }));
  await native.raw(dataFrame("hi"));
  await native.raw(jsonFrame({ command: "END", data: {}, id: 1 }));
  assertEquals((await native.reply())?.status, "TOO_MANY");
  assertEquals((await native.ask("ABOR")).status !== "TOO_MANY", true);
  await until("it is served again", async () => (await native.ask("NOOP")).status === "OK");
  ftp.close();
});

Deno.test("an account has its own requests and connections, over doors and workers", async () => {
  await using server = await startAll();
  const shown = await limit(server, "--connections", "2");
  assertMatch(shown, /Connections +2\n/);
  const login = async () => {
    const client = await RawClient.connect(server);
    const reply = await client.ask("AUTH", { username: "alice", password: PASSWORD });
    return { client, reply };
  };
  const open: { close(): void }[] = [];
  await until("the workers know it", async () => {
    const { client, reply } = await login();
    open.push({ close: () => client[Symbol.dispose]() });
    return reply.status === "TOO_MANY";
  });
  // Connections that were open before the limit came count as well.
  assertMatch((await ask(server, "/account")).headers.get("retry-after") ?? "", /^1$/);
  assertMatch(String(await assertRejects(() => FtpClient.login(ftpOf(server), "alice"))), /450/);
  using admin = await RawClient.login(server, "admin", server.password);
  is(await admin.ask("NOOP"), "OK");
  for (const { close } of open.splice(0)) close();
  let ftp: FtpClient | undefined;
  await until("places are given back", async () => {
    ftp = await FtpClient.login(ftpOf(server), "alice").catch(() => undefined);
    return ftp;
  });
  const { client, reply } = await login();
  assertEquals(reply.status, "AUTH_SUCCESS");
  assertEquals((await login()).reply.status, "TOO_MANY");
  ftp!.close();
  client[Symbol.dispose]();
  // A request over HTTP holds a place no longer than it lasts.
  await until("HTTP is served", async () => (await ask(server, "/account")).status === 200);
  for (let i = 0; i < 6; i++) assertEquals((await ask(server, "/account")).status, 200);

  await limit(server, "--connections", "none", "--requests", "5");
  await until("requests are counted", async () => (await ask(server, "/account")).status === 429);
  is(await admin.ask("NOOP"), "OK");
  assertMatch(await limit(server, "--requests", "default"), /Requests +none\n/);
  await until("they are no longer", async () => (await ask(server, "/account")).status === 200);
});
