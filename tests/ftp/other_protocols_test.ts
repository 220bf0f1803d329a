/** An attacker in the network cannot lead another protocol's TLS, or its requests, to the FTP ports. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import tls from "node:tls";
import { ftpHolds } from "../support/ftp.ts";
import type { FtpClient } from "../support/ftp_client.ts";

/** Shakes hands within a connection. @returns the name of the protocol that was agreed on */
async function shake(
  { raw, ca, alpn }: { raw: FtpClient["raw"]; ca: string; alpn: string[] },
): Promise<string | false | null> {
  raw.removeAllListeners();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = tls.connect({
    socket: raw,
    ca,
    servername: "localhost",
    ...(alpn.length > 0 && { ALPNProtocols: alpn }),
  });
  socket.once("secureConnect", resolve).on("error", reject).on("close", () => {
    reject(new Error("The connection was closed"));
  });
  await promise;
  const { alpnProtocol } = socket;
  socket.destroy();
  return alpnProtocol;
}

const BROWSER = ["h2", "http/1.1"];

ftpHolds("TLS on the control connection is for FTP clients", async ({ connect, server }) => {
  const ca = server.caText;
  const behindAuth = async (alpn: string[]) => {
    using client = await connect();
    await client.ask("AUTH TLS", 234);
    return await shake({ raw: client.raw, ca, alpn });
  };
  await assertRejects(() => behindAuth(BROWSER));
  await assertRejects(() => behindAuth(["towpath/1"]));
  assertEquals(await behindAuth(["x-filezilla-ftp", "ftp"]), "ftp");
  assertEquals(await behindAuth([]) || null, null);
});

ftpHolds("TLS on a data connection is for FTP clients", async ({ server }, alice) => {
  const ca = server.caText;
  await alice.store("STOR page", "HTTP/1.1 200 OK\r\n\r\n<script>");
  const retrieve = async (alpn: string[]) => {
    const data = await alice.open(await alice.passive());
    await alice.ask("RETR page", 150);
    try {
      return await shake({ raw: data.raw, ca, alpn });
    } finally {
      data.cut();
      await alice.reply();
    }
  };
  await assertRejects(() => retrieve(BROWSER));
  assertEquals(await retrieve(["ftp-data"]), "ftp-data");
  assertEquals(await retrieve(["ftp"]), "ftp");
  assertEquals(await retrieve([]) || null, null);
});

ftpHolds("a stranger's connection ends after ten commands that do not exist", async (bench) => {
  using stranger = await bench.connect();
  const head = ["POST / HTTP/1.1", ..."abcdefghi".split("").map((name) => `X-${name}: 1`)];
  stranger.raw.write(`${head.join("\r\n")}\r\n\r\nUSER alice\r\nPASS x\r\n`);
  for (const _ of head) assertMatch((await stranger.reply()).text, /Log in/);
  await assertRejects(() => stranger.reply());
  // Those that exist, and those after the login, are as many as a client likes.
  using other = await bench.connect();
  for (let count = 0; count < 20; count++) await other.ask("FEAT", 211);
  using alice = await bench.login();
  for (let count = 0; count < 20; count++) await alice.ask("NOPE", 500);
});
