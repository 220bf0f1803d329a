// Lines of the console and server.log about logins, transfers, shares and recovery, at every door.
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { FtpClient } from "../support/ftp_client.ts";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Waits for a line on the console. */
async function says(server: TestServer, line: RegExp): Promise<void> {
  await until(`the console says ${line} in ${server.stderr}`, () => line.test(server.stderr));
}

/** Calls the HTTP API as admin. */
async function http(
  server: TestServer,
  path: string,
  init: RequestInit = {},
  password = server.password,
): Promise<number> {
  using client = Deno.createHttpClient({ caCerts: [server.caText] });
  const authorization = `Basic ${btoa(`admin:${password}`)}`;
  const url = `https://localhost:${server.info.web!.port}${path}`;
  const reply = await fetch(url, { ...init, client, headers: { authorization } });
  await reply.bytes();
  return reply.status;
}

/** Logs in, uploads, downloads and fails to log in at each door. */
async function useDoors(server: TestServer): Promise<void> {
  using native = await RawClient.login(server, "admin", server.password);
  is(await native.upload("n.txt", "content"), "OK", 226);
  is((await native.download("n.txt")).final, "OK", 226);
  is(await native.ask("DOWNLOAD", { filename: "none" }), "FILE_NOT_FOUND");
  using stranger = await RawClient.connect(server);
  const wrong = { username: "admin", password: "native-secret" };
  is(await stranger.ask("AUTH", wrong), "AUTH_FAILED");

  const target = { port: server.info.ftp!.port, caText: server.caText };
  using ftp = await FtpClient.login(target, "admin", server.password);
  assertEquals((await ftp.store("STOR f.txt", "content")).code, 226);
  assertEquals((await ftp.retrieve("RETR f.txt")).final.code, 226);
  await ftp.ask("MKD d", 257);
  await ftp.ask("DELE none", 550);
  await ftp.ask("ftp-secret", 500);
  using other = await FtpClient.connect(target);
  await other.reply(220);
  await other.ask("AUTH TLS", 234);
  await other.startTls();
  await other.ask("USER admin", 331);
  await other.ask("PASS ftp-secret", 530);

  assertEquals(await http(server, "/api/v1/files/w.txt", { method: "PUT", body: "content" }), 201);
  assertEquals(await http(server, "/api/v1/files/w.txt"), 200);
  assertEquals(await http(server, "/api/v1/files/w.txt", {}, "web-secret"), 401);
}

Deno.test("the console has a line for each login, failed login, transfer and share", async () => {
  await using server = await startServer({ web: true, ftp: true });
  await useDoors(server);
  for (const door of ["native", "ftp", "web"]) {
    await says(
      server,
      new RegExp(`^\\S+Z INFO ${door}: admin logged in from 127\\.0\\.0\\.1$`, "m"),
    );
    const failed = `WARNING ${door}: Login of admin from 127\\.0\\.0\\.1 failed: refused$`;
    await says(server, new RegExp(failed, "m"));
  }
  for (const [door, name] of [["native", "n"], ["ftp", "f"], ["web", "w"]]) {
    const end = `"/${name}\\.txt" from 127\\.0\\.0\\.1 \\(7 B in \\d+ ms`;
    await says(server, new RegExp(`INFO ${door}: admin uploaded ${end}`));
    await says(server, new RegExp(`INFO ${door}: admin downloaded ${end}`));
  }
  await says(server, /WARNING native: Download of "\/none" by admin from \S+ failed: not found$/m);

  using native = await RawClient.login(server, "admin", server.password);
  const secret = "correct horse";
  is(await native.ask("ADDU", { username: "bob", password: secret }), "OK");
  is(await native.ask("SHAR", { filename: "/n.txt", username: "bob", permissions: "r" }), "OK");
  await says(server, /INFO native: admin shared "\/n\.txt" with "bob" \(permissions r\) from /);

  // A kill, and content that nothing knows of: recovery says what it did.
  is(await native.ask("UPLOAD", { filename: "cut", size: 1000 }), "OK", 150);
  await native.data("begun");
  await server.kill9();
  const stray = `${crypto.randomUUID()}.part`;
  Deno.writeTextFileSync(`${server.data}/users/a/admin/parts/${stray}`, "unknown");
  await server.start();
  await says(server, /INFO worker: Recovering 1 unfinished uploads$/m);
  await says(
    server,
    /INFO worker: Recovered from an unclean stop: .*contents moved to aside\/: 1 setAside=1$/m,
  );

  assertNotMatch(server.stderr, /-secret|DEBUG/);
  const kept = Deno.readTextFileSync(`${server.data}/logs/server.log`);
  assertMatch(kept, /INFO ftp: admin logged in from 127\.0\.0\.1$/m);
});

Deno.test("--log-level debug has a line for each request, and no secret", async () => {
  const args = ["--log-level", "debug", "--log-format", "json"];
  await using server = await startServer({ web: true, ftp: true, args });
  await useDoors(server);
  const records = () =>
    server.stderr.split("\n").filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const has = (source: string, message: RegExp) =>
    until(
      `${source} says ${message}`,
      () => records().some((one) => one.source === source && message.test(String(one.message))),
    );
  await has("native", /^AUTH: AUTH_SUCCESS \d+ in \d+ ms, from 127\.0\.0\.1$/);
  await has("native", /^AUTH: AUTH_FAILED 530 in \d+ ms/);
  await has("native", /^UPLOAD "n\.txt": OK 226 in \d+ ms/);
  await has("native", /^DOWNLOAD "none": FILE_NOT_FOUND 550 in \d+ ms/);
  await has("ftp", /^PASS: 230 in \d+ ms/);
  await has("ftp", /^STOR "f\.txt": 226 in \d+ ms/);
  await has("ftp", /^MKD "d": 257 in \d+ ms/);
  await has("ftp", /^unknown command: 500 in \d+ ms/);
  await has("web", /^PUT "\/api\/v1\/files\/w\.txt": 201 in \d+ ms/);
  const upload = records().find((one) => one.action === "upload" && one.door === "web");
  assert(upload !== undefined);
  const { account, address, result, bytes, paths } = upload;
  assertEquals([account, address, result, bytes, paths], [
    ...["admin", "127.0.0.1", "ok", 7],
    ["/w.txt"],
  ]);
  assertNotMatch(server.stderr, /-secret/);
  assert(!server.stderr.includes(server.password));
});
