/** Writes responses (RFC 9112, sections 4, 6 and 7). */
import { concat } from "@std/bytes";
import { STATUS_CODES } from "node:http";
import type { Connection } from "../../listener/connection.ts";
import type { Clock } from "./byte_source.ts";

/** Maximum size of one write, bytes. */
const WRITE_BYTES = 1024 * 1024;
const encoder = new TextEncoder();
const CRLF = encoder.encode("\r\n");

/** How a response is to be framed. */
export interface SendOptions {
  /** The request was a HEAD: no body is sent, regardless of the headers. */
  readonly headOnly: boolean;
  readonly isHttp10: boolean;
  /** The connection ends with it. */
  readonly close: boolean;
}

/** A response whose body does not match its headers: the connection must close. */
export class BrokenResponse extends Error {
  override readonly name = "BrokenResponse";
}

/** A failed response without a byte sent yet: another one can be sent instead. */
export class UnsentResponse extends Error {
  override readonly name = "UnsentResponse";
}

/**
 * Sends a response.
 *
 * @returns whether the connection is to be closed after it
 * @throws {UnsentResponse} where its body fails at once; {BrokenResponse} where it ends early; what
 * the connection throws
 */
export async function send(
  connection: Connection,
  clock: Clock,
  response: Response,
  { headOnly, isHttp10, close }: SendOptions,
): Promise<boolean> {
  const { status, headers, body } = response;
  const empty = headOnly || status === 204 || status === 304 || status < 200;
  const length = headers.get("content-length");
  const chunked = !empty && body !== null && length === null && !isHttp10;
  const closing = close || (!empty && body !== null && length === null && isHttp10);
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Other"}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  lines.push(`date: ${now()}`);
  if (closing) lines.push("connection: close");
  else if (isHttp10) lines.push("connection: keep-alive");
  if (chunked) lines.push("transfer-encoding: chunked");
  else if (body === null && length === null && !empty) lines.push("content-length: 0");
  const head = latin1Bytes(`${lines.join("\r\n")}\r\n\r\n`);
  if (empty || body === null) {
    await body?.cancel();
    await writeAll(connection, clock, head);
    return closing;
  }
  await sendBody(connection, clock, head, body, {
    chunked,
    length: length === null ? undefined : Number(length),
  });
  return closing;
}

async function sendBody(
  connection: Connection,
  clock: Clock,
  head: Uint8Array,
  body: ReadableStream<Uint8Array>,
  { chunked, length }: { chunked: boolean; length: number | undefined },
): Promise<void> {
  const reader = body.getReader();
  let pending: Uint8Array | undefined = head;
  let sent = 0;
  try {
    while (true) {
      const { done, value } = await reader.read().catch((cause) => {
        if (pending !== head) throw cause;
        throw new UnsentResponse("The body cannot be read", { cause });
      });
      if (done) break;
      if (value.length === 0) continue;
      sent += value.length;
      if (length !== undefined && sent > length) throw new BrokenResponse("The body is too long");
      const framed = chunked ? asChunk(value) : value;
      // A small first piece leaves together with the head.
      const joined: boolean = pending !== undefined && framed.length <= 64 * 1024;
      if (pending && !joined) await writeAll(connection, clock, pending);
      await writeAll(connection, clock, joined ? concat([pending!, framed]) : framed);
      pending = undefined;
    }
    if (length !== undefined && sent < length) throw new BrokenResponse("The body is too short");
    const end = chunked ? encoder.encode("0\r\n\r\n") : new Uint8Array(0);
    await writeAll(connection, clock, pending ? concat([pending, end]) : end);
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}

/** Writes all of it; the peer has its time for each piece. */
export async function writeAll(
  connection: Connection,
  clock: Clock,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    clock.expect(clock.idleMs);
    at += await connection.write(bytes.subarray(at, at + WRITE_BYTES));
  }
  clock.rest();
}

function asChunk(bytes: Uint8Array): Uint8Array {
  return concat([encoder.encode(`${bytes.length.toString(16)}\r\n`), bytes, CRLF]);
}

/** Values of header fields are bytes, one to a character. */
function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

let date = { second: 0, text: "" };

/** The time as an HTTP date, made once a second. */
function now(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== date.second) date = { second, text: new Date().toUTCString() };
  return date.text;
}
