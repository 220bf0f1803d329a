// The program of the ceiling: bytes through one TLS connection, hashed by the receiver. No protocol
// and no disk, so no program that also encrypts and verifies can be faster on this machine.
//
//   pump.ts listen BYTES CERT KEY      prints its port, serves one connection after another
//   pump.ts upload|download BYTES PORT CA
//
// A connection begins with one byte that names the sender; the receiver's digest ends an upload.

import { createHash } from "node:crypto";
import { writeAll } from "../../protocol/frame.ts";

const SEND_BYTES = 256 * 1024;
const RECEIVE_BYTES = 512 * 1024;
const UPLOAD = 1;
const DOWNLOAD = 2;

/** Content that is sent repeatedly: the same in both processes. */
export function pumpBlock(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: SEND_BYTES }, (_, index) => (index * 2654435761) >>> 13);
}

async function send(connection: Deno.TlsConn, bytes: number): Promise<void> {
  const block = pumpBlock();
  for (let left = bytes; left > 0; left -= SEND_BYTES) {
    await writeAll(connection, left < SEND_BYTES ? block.subarray(0, left) : block);
  }
}

async function receive(connection: Deno.TlsConn, bytes: number): Promise<Uint8Array> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(RECEIVE_BYTES);
  for (let left = bytes; left > 0;) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error(`The connection ended ${left} bytes early`);
    hash.update(buffer.subarray(0, count));
    left -= count;
  }
  return hash.digest();
}

async function listen(bytes: number, certFile: string, keyFile: string): Promise<void> {
  const cert = await Deno.readTextFile(certFile);
  const key = await Deno.readTextFile(keyFile);
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  console.log(listener.addr.port);
  for await (const connection of listener) {
    const direction = new Uint8Array(1);
    await connection.read(direction);
    if (direction[0] === UPLOAD) await writeAll(connection, await receive(connection, bytes));
    else await send(connection, bytes);
    connection.close();
  }
}

async function transfer(direction: number, bytes: number, port: number, caFile: string) {
  const caCerts = [await Deno.readTextFile(caFile)];
  const started = performance.now();
  const connection = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  await writeAll(connection, Uint8Array.of(direction));
  let digest = new Uint8Array(32);
  if (direction === UPLOAD) {
    await send(connection, bytes);
    await connection.read(digest);
  } else {
    digest = new Uint8Array(await receive(connection, bytes));
  }
  connection.close();
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ seconds, hash: digest.toHex() }));
}

if (import.meta.main) {
  const [role, bytes, ...rest] = Deno.args;
  if (role === "listen") await listen(Number(bytes), rest[0]!, rest[1]!);
  else {
    const direction = role === "upload" ? UPLOAD : DOWNLOAD;
    await transfer(direction, Number(bytes), Number(rest[0]), rest[1]!);
  }
}
