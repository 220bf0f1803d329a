/** FTP at a real server: options, server.json, kill -9, a new certificate, several workers. */
import { assert, assertEquals } from "@std/assert";
import tls from "node:tls";
import { FtpClient, type FtpTarget } from "../support/ftp_client.ts";
import { isLeftOut } from "../support/engine.ts";
import { safeUploads } from "../support/kept.ts";
import { KIB, MIB, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const FTP = ["--ftp-port", "0", "--ftps-port", "0", "--durability", "relaxed"];

function target(server: TestServer, door: "ftp" | "ftps" = "ftp"): FtpTarget {
  return { port: server.info[door]!.port, caText: server.caText };
}

function login(server: TestServer, door: "ftp" | "ftps" = "ftp"): Promise<FtpClient> {
  return FtpClient.login(target(server, door), "admin", server.password, door === "ftps");
}

Deno.test("explicit and implicit TLS of one server; an upload outlives kill -9", async () => {
  await using server = await startServer({ args: FTP });
  const content = randomBytes(40 * MIB);
  {
    using implicit = await login(server, "ftps");
    await implicit.store("STOR done", "done");
    using explicit = await login(server);
    assertEquals((await explicit.retrieve("RETR done")).content.toString(), "done");
    const data = await explicit.begin("STOR big");
    await data.write(content.subarray(0, 24 * MIB));
    // A checkpoint is written every 16 MiB, and every second.
    await until("a checkpoint holds something", async () => {
      const uploads = await safeUploads(server, "admin");
      return uploads.some(({ offset }) => offset > MIB);
    });
    await server.kill9();
    data.cut();
  }
  await server.restart();
  using again = await login(server, "ftps");
  assertEquals(await again.lines("NLST"), ["done"]);
  const offset = Number((await again.ask("SIZE big", 213)).text.slice(4));
  assert(offset > MIB && offset <= 24 * MIB, String(offset));
  await again.ask(`REST ${offset}`, 350);
  const stored = await again.store("STOR big", content.subarray(offset));
  assert(stored.text.includes(sha256(content)), stored.text);
  assertEquals(await server.stop(), 0);
});

const given = { ignore: isLeftOut("a certificate that the server made") };
Deno.test(
  "another certificate at SIGHUP: sessions stay, new ones and their data get it",
  given,
  async () => {
    await using server = await startServer({ args: FTP });
    using before = await login(server);
    const serial = async () => {
      const { port, caText } = target(server, "ftps");
      const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca: caText });
      await new Promise((resolve, reject) =>
        socket.once("secureConnect", resolve).once("error", reject)
      );
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    const first = await serial();
    for (const name of ["server.pem", "server.key"]) {
      await Deno.remove(
        `${server.data}/tls/${name}`,
      );
    }
    server.kill("SIGHUP");
    await until("the certificate is another", async () => await serial() !== first);
    await before.store("STOR f", randomBytes(10 * KIB));
    using after = await login(server);
    await after.ask("SIZE f", 213);
  },
);

Deno.test("two workers: both take connections, and each passive port is where it was given out", async () => {
  await using server = await startServer({
    args: [...FTP, "--workers", "2", "--ftp-passive-ports", "42000-42999"],
  });
  const clients = await Promise.all(Array.from({ length: 8 }, () => login(server)));
  try {
    await Promise.all(clients.map(async (client, i) => {
      const content = randomBytes(50 * KIB);
      assert((await client.store(`STOR f${i}`, content)).text.includes(sha256(content)));
      assert((await client.retrieve(`RETR f${i}`)).content.equals(content));
    }));
    assertEquals((await clients[0]!.lines("NLST")).length, 8);
  } finally {
    for (const client of clients) client.close();
  }
});
