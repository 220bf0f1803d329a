/** Invalid or partial TLS at every place where the FTP door begins or continues TLS. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import net from "node:net";
import tls from "node:tls";
import { FtpClient } from "../support/ftp_client.ts";
import { openFtp } from "../support/ftp.ts";

/** How the bytes of a client leave it: it waits for an answer, goes, or goes without a farewell. */
type Farewell = "stay" | "end" | "reset";

/** The first bytes that a client of `node:tls` sends. */
async function clientHello(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const hello = new Promise<Buffer>((resolve) => {
    server.once("connection", (socket) => {
      socket.on("error", () => {});
      socket.once("data", (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
      });
    });
  });
  const client = tls.connect({ host: "127.0.0.1", port, servername: "localhost", ...options });
  client.on("error", () => {});
  const bytes = await hello;
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  return bytes;
}

/** Bytes sent in place of a handshake; half of each hello and one with a changed byte too. */
async function badBeginnings(): Promise<[string, Uint8Array][]> {
  const tls12 = await clientHello({ maxVersion: "TLSv1.2" });
  const tls13 = await clientHello({ minVersion: "TLSv1.3" });
  const broken = Buffer.from(tls12);
  broken[9]! ^= 0xff;
  return [
    ["text", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a hello of TLS 1.3 alone", tls13],
    ["half of a hello", tls12.subarray(0, tls12.length >> 1)],
    ["a hello with a wrong byte", broken],
    ["a hello, and text behind it", Buffer.concat([tls12, Buffer.from("GET / HTTP/1.1\r\n\r\n")])],
    ["an alert", Buffer.from([21, 3, 3, 0, 2, 2, 40])],
    ["a record of data", Buffer.from([23, 3, 3, 0, 4, 1, 2, 3, 4])],
    ["an oversized record", Buffer.from([22, 3, 1, 255, 255, ...new Uint8Array(300)])],
    ["zeros", new Uint8Array(20_000)],
    ["nothing", new Uint8Array(0)],
  ];
}

function leave(socket: net.Socket, bytes: Uint8Array, farewell: Farewell): Promise<void> {
  socket.on("error", () => {});
  return new Promise((resolve) => {
    const done = () => {
      if (farewell === "reset") socket.resetAndDestroy();
      if (farewell === "end") socket.end();
      resolve();
    };
    if (bytes.length === 0) done();
    else socket.write(bytes, done);
  });
}

Deno.test("bytes other than TLS on a data connection end its transfer alone", async () => {
  await using bench = await openFtp({ ftp: { stallTimeoutMs: 500 } });
  using alice = await bench.login();
  await alice.store("STOR f", "content");
  for (const [name, bytes] of await badBeginnings()) {
    for (const farewell of ["stay", "end", "reset"] as const) {
      // Silence is ended by a deadline of its own (tests/ftp/broken_test.ts).
      const silent = /half|wrong byte|oversized|nothing/.test(name);
      if (farewell === "stay" && silent) continue;
      for (const early of [true, false]) {
        const command = early ? "LIST" : "RETR f";
        const data = await alice.open(await alice.passive());
        if (early) await leave(data.raw, bytes, farewell);
        await alice.ask(command, 150);
        if (!early) await leave(data.raw, bytes, farewell);
        const { code } = await alice.reply();
        assert(code === 425 || code === 426, `${name}, ${farewell}: ${code}`);
        data.cut();
      }
    }
  }
  await alice.ask("NOOP", 200);
});

Deno.test("bytes other than TLS at the port of an active transfer end that transfer alone", async () => {
  await using bench = await openFtp();
  using alice = await bench.login();
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  for (const [name, bytes] of await badBeginnings()) {
    for (const farewell of ["end", "reset"] as const) {
      server.once("connection", async (socket) => {
        await leave(socket, bytes, farewell);
        socket.once("close", () => socket.destroy()).resume();
      });
      await alice.ask(`EPRT |1|127.0.0.1|${port}|`, 200);
      await alice.ask("STOR g", 150);
      const { code } = await alice.reply();
      assertEquals(code, 425, `${name}, ${farewell}`);
    }
  }
  await alice.ask("SIZE g", 550);
  server.close();
});

Deno.test("bytes other than TLS within a secured data connection end its transfer alone", async () => {
  await using bench = await openFtp();
  using alice = await bench.login();
  await alice.store("STOR f", new Uint8Array(3_000_000));
  for (const [name, bytes] of await badBeginnings()) {
    for (const command of ["STOR h", "RETR f"]) {
      const data = await alice.begin(command);
      await leave(data.raw, bytes, "reset"); // past the client's own TLS
      const { code } = await alice.reply();
      // A download may be in the network's buffers by then.
      assert(code >= 400 || command === "RETR f", `${command}, ${name}: ${code}`);
      data.cut();
    }
  }
  assert(!(await alice.lines("NLST")).includes("h"));
});

for (const implicitTls of [false, true]) {
  const place = implicitTls ? "in place of implicit TLS" : "behind AUTH TLS";
  Deno.test(`bytes other than TLS ${place} end their connection alone`, async () => {
    await using bench = await openFtp({ ftp: { implicitTls } });
    for (const [, bytes] of await badBeginnings()) {
      for (const farewell of ["end", "reset"] as const) {
        const socket = net.connect({ host: "127.0.0.1", port: bench.port });
        socket.on("error", () => {});
        const closed = new Promise((resolve) => socket.once("close", resolve));
        if (!implicitTls) {
          await new Promise((resolve) => socket.once("data", resolve));
          socket.write("AUTH TLS\r\n");
          await new Promise((resolve) => socket.once("data", resolve));
        }
        socket.resume();
        await leave(socket, bytes, farewell);
        await closed;
      }
    }
    using client = await FtpClient.login(bench, undefined, undefined, implicitTls);
    await client.ask("NOOP", 200);
  });
}
