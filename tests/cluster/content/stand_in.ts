/** A stand-in for an S3-compatible server that answers, lies, stops or breaks off as a test says. */
import { parseS3Address } from "../../../storage/cluster/content/s3/address.ts";
import { fixedCredentials } from "../../../storage/cluster/content/s3/credentials.ts";
import type { S3CredentialSource } from "../../../storage/cluster/content/s3/credentials.ts";
import { S3ContentStore } from "../../../storage/cluster/content/s3/s3_content_store.ts";
import type { RetryOptions } from "../../../storage/cluster/content/s3/retry.ts";
import type { TimeLimits } from "../../../storage/cluster/content/s3/time_limits.ts";

/** A request with its whole body. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * Reaction of the server to one request: the text of a reply, after which the connection is kept;
 * bytes, after which it is closed; `silence`; or `reset` before the body is read.
 */
export type Deed = string | { readonly cut: string } | "silence" | "reset";

/** A reply as text. */
export function reply(status: number, body = "", headers: Record<string, string> = {}): string {
  const lines = Object.entries({ "content-length": String(body.length), ...headers });
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status} X\r\n${fields}\r\n${body}`;
}

/** The reply of an S3 error. */
export function failure(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): string {
  return reply(status, `<Error><Code>${code}</Code><Message>m</Message></Error>`, headers);
}

/** The reply to a range from the first byte of an object. */
export function range(text: string, total = text.length): string {
  return reply(206, text, { "content-range": `bytes 0-${text.length - 1}/${total}` });
}

/** A running stand-in with a store that uses it. */
export interface StandIn extends AsyncDisposable {
  readonly store: S3ContentStore;
  readonly endpoint: string;
  /** Requests so far. */
  readonly received: Received[];
}

/** Limits that are over at once, for what waits without an end. */
const SHORT: TimeLimits = { connectMs: 300, firstByteMs: 300, silenceMs: 300 };

/**
 * Starts a stand-in.
 *
 * @param deeds by request, in order; the last one goes on
 * @param change other limits and credentials
 */
export function standIn(
  deeds: readonly (Deed | ((received: Received) => Deed))[],
  change: {
    limits?: TimeLimits;
    credentials?: S3CredentialSource;
    tries?: number;
    retries?: RetryOptions;
    /** Certificate and key of the server: it speaks TLS. */
    tls?: { readonly cert: string; readonly key: string };
    /** Authority that the store trusts. */
    ca?: string;
  } = {},
): StandIn {
  const place = { hostname: "127.0.0.1", port: 0 };
  const { tls } = change;
  const listener = tls === undefined ? Deno.listen(place) : Deno.listenTls({ ...place, ...tls });
  const received: Received[] = [];
  const open = new Set<Deno.Conn>();
  const next = () => deeds[Math.min(received.length, deeds.length - 1)]!;
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      serve(connection, received, next).catch(() => {}).finally(() => {
        open.delete(connection);
        closeQuietly(connection);
      });
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const endpoint = `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const keys = { accessKeyId: "key", secretAccessKey: "secret" };
  const store = new S3ContentStore({
    address: parseS3Address("s3://bucket/p", { endpoint }),
    credentials: change.credentials ?? fixedCredentials(keys),
    limits: change.limits ?? { connectMs: 20_000, firstByteMs: 20_000, silenceMs: 20_000 },
    ca: change.ca,
    retries: change.retries ?? { tries: change.tries ?? 4, limitMs: 60_000, pauseMs: 1 },
  });
  return {
    store,
    endpoint,
    received,
    async [Symbol.asyncDispose]() {
      await store.close();
      listener.close();
      for (const connection of open) closeQuietly(connection);
      await serving;
    },
  };
}

/** The options of a store whose waits are over soon. */
export const IMPATIENT = { limits: SHORT, tries: 2 };

async function serve(
  connection: Deno.Conn,
  received: Received[],
  next: () => Deed | ((received: Received) => Deed),
): Promise<void> {
  let bytes = new Uint8Array();
  const more = async () => {
    const buffer = new Uint8Array(65_536);
    const count = await connection.read(buffer);
    if (count === null) throw new Error("closed");
    bytes = new Uint8Array([...bytes, ...buffer.subarray(0, count)]);
  };
  for (;;) {
    let head = "";
    for (let end = -1; end < 0;) {
      const text = new TextDecoder("latin1").decode(bytes);
      end = text.indexOf("\r\n\r\n");
      if (end >= 0) head = text.slice(0, end + 4);
      else await more();
    }
    const planned = next();
    if (planned === "reset") {
      received.push({ ...parse(head), body: new Uint8Array() });
      return;
    }
    const request = parse(head);
    const length = Number(request.headers.get("content-length") ?? 0);
    while (bytes.length < head.length + length) await more();
    const whole = { ...request, body: bytes.slice(head.length, head.length + length) };
    bytes = bytes.slice(head.length + length);
    const deed = typeof planned === "function" ? planned(whole) : planned;
    received.push(whole);
    if (deed === "silence") return await new Promise(() => {});
    await send(connection, typeof deed === "string" ? deed : deed.cut);
    if (typeof deed !== "string") return;
  }
}

function parse(head: string): Omit<Received, "body"> {
  const [first = "", ...lines] = head.trim().split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  return { method, target, headers };
}

async function send(connection: Deno.Conn, text: string): Promise<void> {
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
