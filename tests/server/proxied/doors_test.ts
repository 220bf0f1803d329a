/** Doors behind a trusted proxy: the client's address counts, and only the proxy may name it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "node:net";
import { FtpClient } from "../../support/ftp_client.ts";
import { RawClient } from "../../support/raw_client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { until } from "../../support/certificate.ts";
import { binaryFor, binaryHeader, latin1, startRelay, textHeader } from "./headers.ts";

const PROXY = "127.0.0.2";
const ADMIN = ["admin", "correct horse battery"] as const;

interface Seen {
  address: string;
  door: string;
}

/** Sessions that an administrator sees, without his own. */
async function seen(admin: RawClient): Promise<Seen[]> {
  const { data } = await admin.ask("WHO");
  return (data as unknown as { sessions: Seen[] }).sessions.filter(({ address }) =>
    address !== "127.0.0.1"
  );
}

function behind(server: TestServer, port: number) {
  return { port, caText: server.caText };
}

/** Sends bytes from an address. @returns what came until the server closed the connection */
function sent(port: number, from: string, pieces: readonly Uint8Array[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, localAddress: from });
    let text = "";
    socket.on("data", (bytes) => text += bytes.toString("latin1"));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    for (const piece of pieces) socket.write(piece);
  });
}

Deno.test("doors behind a trusted proxy", async (test) => {
  const args = ["--trusted-proxy", PROXY, "--max-connections-per-address", "3"];
  await using server = await startServer({ web: true, ftp: true, args });
  const admin = await RawClient.login(server, ...ADMIN);
  const { native, ftp, ftps, web } = server.info;

  await test.step("native: versions 1 and 2, in one piece and byte by byte", async () => {
    const headers = {
      "203.0.113.7": [textHeader("203.0.113.7")],
      "203.0.113.8": [binaryFor("203.0.113.8")],
      "2001:db8::9": Array.from(textHeader("2001:db8::9"), (byte) => Uint8Array.of(byte)),
      "203.0.113.10": Array.from(binaryFor("203.0.113.10"), (byte) => Uint8Array.of(byte)),
    };
    for (const [address, pieces] of Object.entries(headers)) {
      await using relay = await startRelay(native!.port, PROXY, pieces);
      const client = await RawClient.login(behind(server, relay.port), ...ADMIN);
      assertEquals((await seen(admin)).map((one) => one.address), [address]);
      client.connection.close();
      await until(async () => (await seen(admin)).length === 0, "the session ends");
    }
  });

  await test.step("FTP: control and data, explicit and implicit TLS", async () => {
    for (const [port, isImplicit] of [[ftp!.port, false], [ftps!.port, true]] as const) {
      await using relay = await startRelay(port, PROXY, [binaryFor("203.0.113.7")]);
      const client = await FtpClient.login(behind(server, relay.port), ...ADMIN, isImplicit);
      const [session] = await seen(admin);
      assertEquals([session?.address, session?.door], ["203.0.113.7", "ftp"]);
      // Without a publicly named address, clients are sent to the one that they connected to.
      assertEquals(
        /\(192,0,2,1,/.test((await client.ask("PASV", 227)).text),
        true,
      );
      const store = async (header: Uint8Array) => {
        await using data = await startRelay(await client.passive(), PROXY, [header]);
        const connection = await client.open(data.port);
        await client.ask("STOR f", 150);
        await connection.secure();
        await connection.write("text");
        await connection.end();
        return (await client.reply()).code;
      };
      assertEquals(await store(textHeader("203.0.113.7")), 226);
      const port2 = await client.passive();
      const dropped = [
        [PROXY, textHeader("203.0.113.8")], // another client of the proxy
        [PROXY, latin1("\x16\x03\x01 no header at all")],
        ["127.0.0.1", textHeader("203.0.113.7")], // no proxy
      ] as const;
      for (const [from, bytes] of dropped) assertEquals(await sent(port2, from, [bytes]), "");
      await using data = await startRelay(port2, PROXY, [binaryFor("203.0.113.7")]);
      const connection = await client.open(data.port);
      await client.ask("RETR f", 150);
      await connection.secure();
      assertEquals((await connection.readAll()).toString(), "text");
      await client.reply(226);
      await client.ask("QUIT", 221);
      client.raw.destroy();
      await until(async () => (await seen(admin)).length === 0, "the session ends");
    }
  });

  await test.step("web: the address of a browser session is the client's", async () => {
    await using relay = await startRelay(web!.port, PROXY, [textHeader("203.0.113.7")]);
    const http = Deno.createHttpClient({ caCerts: [server.caText] });
    const authorization = `Basic ${btoa(ADMIN.join(":"))}`;
    const url = `https://127.0.0.1:${relay.port}/api/v1/status`;
    const reply = await fetch(url, { client: http, headers: { authorization } });
    await reply.body?.cancel();
    http.close();
    const log = `${server.data}/logs/web.log`;
    await until(async () => {
      const text = await Deno.readTextFile(log).catch(() => "");
      return text.includes("203.0.113.7");
    }, "the line of the request");
  });

  await test.step("a proxy's connection without a valid header is closed", async () => {
    const wrong = [
      latin1("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaa"),
      latin1("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n"),
      binaryHeader(0x21, 0x11, [1, 2, 3]),
    ];
    for (const { port } of [native!, ftp!, ftps!, web!]) {
      for (const bytes of wrong) assertEquals(await sent(port, PROXY, [bytes]), "");
    }
    await until(
      () => server.stderr.includes(`The trusted proxy ${PROXY} sent`),
      "a line in the log",
    );
  });

  await test.step("a header from any other address is refused", async () => {
    await using relay = await startRelay(native!.port, "127.0.0.3", [textHeader("203.0.113.7")]);
    await assertRejects(() => RawClient.connect(behind(server, relay.port)));
    const text = await sent(ftp!.port, "127.0.0.3", [
      textHeader("203.0.113.7"),
      latin1("QUIT\r\n"),
    ]);
    assert(/^220 .*\r\n5\d\d .*\r\n221 /.test(text), text);
    // And without one it is served as ever.
    await using direct = await startRelay(native!.port, "127.0.0.3", []);
    const client = await RawClient.login(behind(server, direct.port), ...ADMIN);
    assertEquals((await seen(admin)).map(({ address }) => address), ["127.0.0.3"]);
    client.connection.close();
  });

  await test.step("LOCAL and UNKNOWN are the proxy's own connections", async () => {
    for (const header of [binaryHeader(0x20, 0, []), latin1("PROXY UNKNOWN\r\n")]) {
      const text = await sent(ftp!.port, PROXY, [header, latin1("QUIT\r\n")]);
      assert(text.startsWith("220 "), text);
    }
  });

  await test.step("limits of addresses count the client, not the proxy", async () => {
    const clients: RawClient[] = [];
    const relays: AsyncDisposable[] = [];
    const login = async (address: string) => {
      const relay = await startRelay(native!.port, PROXY, [textHeader(address)]);
      relays.push(relay);
      clients.push(await RawClient.login(behind(server, relay.port), ...ADMIN));
    };
    for (const address of ["1", "2"]) {
      for (let count = 0; count < 3; count++) await login(`198.51.100.${address}`);
    }
    await assertRejects(() => login("198.51.100.2"));
    await login("198.51.100.3");
    for (const client of clients) client.connection.close();
    for (const relay of relays) await relay[Symbol.asyncDispose]();
  });

  admin.connection.close();
});
