/**
 * Uploads that a client sent whole and gave up while the server delayed them: they replace nothing
 * that was acknowledged meanwhile.
 */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { writeAll } from "../../protocol/mod.ts";
import { openFtpDoor } from "../../server/ftp/door.ts";
import { openWebDoor } from "../../server/web/door.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import { FtpClient } from "../support/ftp_client.ts";
import { type InProcess, openInProcess } from "../support/in_process.ts";
import { is, login, randomBytes } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { base64 } from "../support/tus.ts";
import { WebClient } from "../support/web.ts";
import { basic } from "../support/web_program.ts";

/** The upload that is given up. It fits into the buffers of a connection. */
const late = randomBytes(300_000);
/** How long the disk stalls at least, ms: a delay that matters. */
const STALL_MS = 300;

/** A server with three doors. */
interface Place {
  readonly server: InProcess;
  readonly webPort: number;
  readonly ftpPort: number;
}

/** Sends all of an upload to a path, waits for nothing, and closes its side. */
type GiveUp = (place: Place, path: string) => Promise<void>;

async function native(
  { server }: Place,
  filename: string,
  data: Record<string, unknown>,
): Promise<void> {
  const client = await login(server);
  await client.send("UPLOAD", { filename, if_exists: "overwrite", ...data });
  if (!data.pipelined) is(await client.reply(), "OK", 150);
  await client.data(late);
  await client.send("END");
  await leave(client.connection);
}

/** Closes; what the server still sends is read, so that nothing is reset. */
async function leave(connection: Deno.TlsConn): Promise<void> {
  await connection.closeWrite();
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer).catch(() => null) !== null);
  connection.close();
}

async function web(
  { server, webPort }: Place,
  head: string[],
  ...body: (string | Uint8Array)[]
): Promise<void> {
  const connection = await Deno.connectTls({
    hostname: "localhost",
    port: webPort,
    caCerts: [server.caText],
  });
  const lines = [...head, `Host: localhost:${webPort}`, "", ""].join("\r\n");
  for (const part of [lines, ...body]) {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    await writeAll(connection, bytes);
  }
  await leave(connection);
}

const AUTHORIZATION = `Authorization: ${basic("alice")}`;
const LENGTH = `Content-Length: ${late.length}`;

function put(place: Place, path: string, headers: string[], ...body: (string | Uint8Array)[]) {
  const head = [`PUT /api/v1/files${path} HTTP/1.1`, AUTHORIZATION];
  return web(place, [...head, ...headers], ...body);
}

function tus(place: Place, path: string, more: Record<string, string> = {}): Promise<void> {
  const metadata = Object.entries({ path, ifexists: "overwrite", ...more });
  return web(place, [
    "POST /tus/ HTTP/1.1",
    AUTHORIZATION,
    "Tus-Resumable: 1.0.0",
    `Upload-Length: ${late.length}`,
    `Upload-Metadata: ${metadata.map(([key, value]) => `${key} ${base64(value)}`).join(",")}`,
    "Content-Type: application/offset+octet-stream",
    LENGTH,
  ], late);
}

async function form({ server, webPort, ...rest }: Place, path: string): Promise<void> {
  const browser = new WebClient(webPort, server.caText);
  await browser.signIn("alice");
  browser.close();
  const field = 'Content-Disposition: form-data; name="if-exists"\r\n\r\noverwrite\r\n';
  const file = `Content-Disposition: form-data; name="f"; filename="${path.slice(1)}"\r\n\r\n`;
  const [before, after] = [`--b\r\n${field}--b\r\n${file}`, "\r\n--b--\r\n"];
  await web(
    { server, webPort, ...rest },
    [
      "POST /actions/upload?directory=%2F HTTP/1.1",
      `Cookie: ${[...browser.cookies].map((pair) => pair.join("=")).join("; ")}`,
      `Origin: ${browser.origin}`,
      `X-CSRF-Token: ${browser.csrfToken}`,
      "Content-Type: multipart/form-data; boundary=b",
      `Content-Length: ${before.length + late.length + after.length}`,
    ],
    before,
    late,
    after,
  );
}

const WAYS: Readonly<Record<string, GiveUp>> = {
  "native": (place, path) =>
    native(place, path, { file_size: late.length, file_hash: sha256(late) }),
  "native, nothing announced": (place, path) => native(place, path, {}),
  "native, pipelined": (place, path) => native(place, path, { pipelined: true }),
  "FTP, after QUIT": async ({ server, ftpPort }, path) => {
    const ftp = await FtpClient.login({ port: ftpPort, caText: server.caText });
    const data = await ftp.begin(`STOR ${path}`);
    await ftp.ask("QUIT", 221);
    await data.write(late);
    await data.leave();
    await ftp.reply(226);
    ftp.close();
  },
  "PUT": (place, path) => put(place, path, [LENGTH], late),
  "PUT with a checksum": (place, path) => {
    const digest = `Repr-Digest: sha-256=:${Uint8Array.fromHex(sha256(late)).toBase64()}:`;
    return put(place, path, [LENGTH, digest], late);
  },
  "PUT in chunks": (place, path) => {
    const size = `${late.length.toString(16)}\r\n`;
    return put(place, path, ["Transfer-Encoding: chunked"], size, late, "\r\n0\r\n\r\n");
  },
  "tus": (place, path) => tus(place, path),
  "tus with a checksum": (place, path) => tus(place, path, { sha256: sha256(late) }),
  "form": form,
};

/** Uploads over FTP and waits for the reply. */
async function waitForReply({ server, ftpPort }: Place, path: string): Promise<void> {
  using ftp = await FtpClient.login({ port: ftpPort, caText: server.caText });
  assertEquals((await ftp.store(`STOR ${path}`, late)).code, 226);
}

/** Stalls the first write of the next part. */
function stallNext({ parts }: Engine): { reached: Promise<void>; goOn: () => void } {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const { begin } = parts;
  parts.begin = async (upload) => {
    parts.begin = begin;
    const part = await begin.call(parts, upload);
    const { append } = part;
    part.append = async (bytes) => {
      reached.resolve();
      await going.promise;
      return await append.call(part, bytes);
    };
    return part;
  };
  return { reached: reached.promise, goOn: going.resolve };
}

Deno.test("an upload that was given up while the disk stalled replaces nothing newer", async (t) => {
  await using server = await openInProcess({ durability: "relaxed" });
  const web = await openWebDoor(server.doorOptions);
  const ftp = await openFtpDoor({ ...server.doorOptions, port: 0 }, {
    implicitTls: false,
    allowPlain: false,
    overwrite: "replace",
    passivePorts: null,
    publicAddress: null,
  });
  await using _doors = {
    async [Symbol.asyncDispose]() {
      await Promise.all([web.close(0), ftp.close(0)]);
    },
  };
  const place = { server, webPort: web.port, ftpPort: ftp.port };
  using alice = await login(server);
  const waits: [string, GiveUp] = ["FTP, waiting for the reply", waitForReply];
  for (const [way, giveUp] of [...Object.entries(WAYS), waits]) {
    await t.step(way, async () => {
      const path = `/${way.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
      is(await alice.upload(path, "old", { if_exists: "overwrite" }), "OK", 226);
      const { reached, goOn } = stallNext(server.engine);
      const gone = giveUp(place, path);
      await reached;
      is(await alice.upload(path, "newer", { if_exists: "overwrite" }), "OK", 226);
      await delay(STALL_MS);
      goOn();
      await gone;
      const { content } = await alice.download(path);
      // Of clients that are still there, the last to finish wins.
      const last = giveUp === waitForReply ? late : new TextEncoder().encode("newer");
      assertEquals(content, last);
    });
  }
});
