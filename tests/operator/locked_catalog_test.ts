// Another program that holds the catalog's write lock, as `sqlite3` with BEGIN EXCLUSIVE does.
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { runAdmin } from "../../server/admin/run.ts";
import { testsAtOnce } from "../support/at_once.ts";
import { terminalWith } from "../support/admin.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { is } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, startServer, type TestServer } from "../support/server.ts";

const test = testsAtOnce();

/** Holds the lock until it is disposed of. */
function lock(server: TestServer): Disposable {
  const database = new DatabaseSync(`${server.data}/catalog.db`, { timeout: 5000 });
  database.exec("BEGIN EXCLUSIVE");
  return {
    [Symbol.dispose]() {
      database.exec("ROLLBACK");
      database.close();
    },
  };
}

/** Requests to the web door as `admin`. */
function web(server: TestServer) {
  const client = Deno.createHttpClient({ caCerts: [server.caText] });
  const headers = { authorization: `Basic ${btoa(`admin:${server.password}`)}` };
  return {
    ask: (path: string, init: RequestInit = {}) =>
      fetch(`https://localhost:${server.info.web!.port}${path}`, { headers, ...init, client }),
    [Symbol.dispose]: () => client.close(),
  };
}

test("while another program holds the catalog, reads and logins go on", async () => {
  await using server = await startServer({ web: true, ftp: true });
  const ftp = { port: server.info.ftp!.port, caText: server.caText };
  {
    using client = await RawClient.login(server, "admin", server.password);
    is(await client.upload("there", "content"), "OK", 226);
  }
  using http = web(server);
  using _lock = lock(server);
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.ask("LIST"), "OK");
  assertEquals(new TextDecoder().decode((await client.download("there")).content), "content");
  using stranger = await RawClient.connect(server);
  is(await stranger.ask("AUTH", { username: "admin", password: "wrong" }), "AUTH_FAILED");
  const other = await FtpClient.login(ftp, "admin", server.password);
  assertEquals((await other.retrieve("RETR there")).content.toString(), "content");
  other.raw.destroy();
  for (const path of ["/healthz", "/api/v1/files/there", "/api/v1/account"]) {
    const reply = await http.ask(path);
    assertEquals(reply.status, 200, path);
    await reply.text();
  }
});

test("a start and admin commands name the file that another program holds", async () => {
  await using server = await startServer();
  await server.stop();
  const { data } = server;
  using _lock = lock(server);
  const started = await runServer(["--data", data, "--port", "0"]);
  assertEquals(started.code, 1);
  const sentence = /^towpath: Another program holds \S+\/catalog\.db .*: end it or wait/m;
  assertMatch(started.stderr, sentence);
  const args = ["user", "permit", "admin", "rwcdt", "--data", data];
  const command = { args, variable: () => undefined, directory: data };
  assertMatch(
    String(await assertRejects(() => runAdmin(command, terminalWith("")))),
    /^ExitError: Another program holds .*catalog/,
  );
});

test("a write waits for the lock while others are served, and is refused after some seconds", async () => {
  await using server = await startServer({ web: true, ftp: true });
  using client = await RawClient.login(server, "admin", server.password);
  using http = web(server);
  const ftp = await FtpClient.login(
    { port: server.info.ftp!.port, caText: server.caText },
    "admin",
    server.password,
  );
  {
    const held = lock(server);
    const uploaded = client.upload("delayed", "content");
    await http.ask("/healthz").then((reply) => reply.text());
    held[Symbol.dispose]();
    is(await uploaded, "OK", 226);
  }

  let waiting = true;
  let served = 0;
  const others = (async () => {
    for (; waiting; served++) {
      const reply = await http.ask("/healthz");
      assertEquals(reply.status, 200);
      await reply.text();
      using _other = await RawClient.login(server, "admin", server.password);
      await delay(20);
    }
  })();
  {
    using _lock = lock(server);
    const [native, stored, put] = await Promise.all([
      client.upload("native", "content"),
      ftp.store("STOR ftp", "content"),
      http.ask("/api/v1/files/web", { method: "PUT", body: "content" }),
    ]);
    const data = is(native, "TOO_MANY", 450);
    assertMatch(String(data.message), /another program holds its catalog; try again/);
    assert(Number(data.retry_after_ms) > 0);
    assertEquals(stored.code, 450, stored.text);
    assertEquals(put.status, 503, await put.text());
    assert(Number(put.headers.get("retry-after")) > 0);
  }
  waiting = false;
  await others;
  // Where SQLite itself waits, the whole worker hangs for five seconds at each write.
  assert(served > 5, `${served} rounds`);
  is(await client.upload("native", "content"), "OK", 226);
  assertEquals((await ftp.store("STOR ftp", "content")).code, 226);
  ftp.raw.destroy();
});
