/** A stop with `--drain`: balancers learn of it first, and clients that still come are served. */
import { delay } from "@std/async";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { is, KIB, randomBytes, until } from "../../support/native.ts";
import { RawClient, sha256 } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

/** Asks for the state as a health check does, on a connection of its own. */
async function health(server: TestServer): Promise<{ status: number; text: string }> {
  using client = Deno.createHttpClient({ caCerts: [server.caText] });
  const reply = await fetch(`https://localhost:${server.info.web!.port}/healthz`, { client });
  return { status: reply.status, text: await reply.text() };
}

/** Whether a response ends its connection, which the client would keep. */
async function closes(server: TestServer): Promise<boolean> {
  using connection = await Deno.connectTls({
    hostname: "localhost",
    port: server.info.web!.port,
    caCerts: [server.caText],
  });
  await connection.write(
    new TextEncoder().encode("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"),
  );
  let head = "";
  for await (const bytes of connection.readable) {
    head += new TextDecoder().decode(bytes);
    if (head.includes("\r\n\r\n")) break;
  }
  assertMatch(head, /^HTTP\/1.1 [23]/);
  return /^connection: close\r$/im.test(head);
}

const isDraining = async (server: TestServer) => (await health(server)).status === 503;

Deno.test("a server that drains says so, and serves old and new clients; another signal ends it", async () => {
  await using server = await startServer({ web: true, args: ["--drain=1h", "--workers=2"] });
  assertMatch((await health(server)).text, /^ok\n/);
  assertEquals(await closes(server), false);
  using early = await RawClient.login(server, "admin", server.password);
  server.kill("SIGTERM");
  let inARow = 0; // each worker answers some of the checks
  await until("all drain", async () => {
    inARow = await isDraining(server) ? inARow + 1 : 0;
    return inARow === 10;
  });
  assertMatch((await health(server)).text, /^draining\nthe server is about to stop: send new/);
  // A browser and a balancer keep no connection to it.
  assertEquals(await closes(server), true);
  is(await early.upload("early", "text"), "OK", 226);
  using late = await RawClient.login(server, "admin", server.password);
  is(await late.upload("late", "text"), "OK", 226);
  const ended = server.ended();
  await until("the second signal is another one", () => {
    server.kill("SIGTERM");
    return Promise.race([ended.then(() => true), delay(100).then(() => false)]);
  });
});

Deno.test("after the drain no client is accepted, and a running upload may finish", async () => {
  await using server = await startServer({ web: true, args: ["--drain=1s"] });
  const content = randomBytes(64 * KIB);
  using client = await RawClient.login(server, "admin", server.password);
  is(await client.ask("UPLOAD", { filename: "f", file_size: content.length }), "OK", 150);
  await client.data(content.subarray(0, KIB));
  server.kill("SIGTERM");
  await until("the ports are closed", () => health(server).then(() => false, () => true));
  await assertRejects(() => RawClient.login(server, "admin", server.password));
  await client.data(content.subarray(KIB));
  await client.send("END", { file_hash: sha256(content) });
  is(await client.reply(), "OK", 226);
  assertEquals(await server.ended(), 0);
});
