import { concat } from "@std/bytes";
import type { SignedRequest } from "./exchange.ts";
import { refusalOf } from "./answers.ts";
import { UnusableReply } from "./failures.ts";
import { ReadingConnections } from "./reading_connections.ts";
import { type TimeLimits, WaitTimer } from "./time_limits.ts";

/** Bytes of an object to read. */
export interface Range {
  readonly from: number;
  /** Behind the last byte; Infinity: to the end of the object. */
  readonly end: number;
  /** Only while the object is this one. @default any */
  readonly etag?: string;
}

/** Bytes of an object as one GET gives them. */
export interface Reading {
  /** ETag of the object. */
  readonly etag: string;
  /** Behind the last byte that exists in the range. */
  readonly end: number;
  /** Pieces in order. Fails where fewer or more bytes come than there are in the range. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Most bytes of a refusal that are read. */
const MAX_REFUSAL_BYTES = 65_536;

/** Header fields of a request for a range. */
export function rangeHeaders({ from, end, etag = "" }: Range): Record<string, string> {
  return {
    range: `bytes=${from}-${end === Infinity ? "" : end - 1}`,
    ...(etag !== "" && { "if-match": etag }),
  };
}

/** The reading of a range behind the end of its object. */
export function nothing({ from }: Range): Reading {
  return { etag: "", end: from, pieces: (async function* () {})() };
}

/** Reads ranges of objects by `fetch`, which costs less CPU for large replies than `node:http`. */
export class Reader {
  readonly #connections: ReadingConnections;

  /** @param ca certificates in PEM that sign the server's; undefined: those the machine trusts */
  constructor(private readonly limits: TimeLimits, ca: string | undefined) {
    this.#connections = new ReadingConnections(ca);
  }

  /**
   * Sends a GET for a range and waits for its first piece.
   *
   * @param signal ends the reading at any time
   * @throws {Error} any failure of the connection, or of the reply
   */
  async open({ url, headers }: SignedRequest, range: Range, signal: AbortSignal): Promise<Reading> {
    const ended = new AbortController();
    const { client, silent, end: leave } = this.#connections.take();
    const timer = new WaitTimer((why) => {
      ended.abort(why);
      silent();
    });
    const { connectMs, firstByteMs } = this.limits;
    timer.wait(connectMs + firstByteMs, "no reply came");
    try {
      const reply = await fetch(url, {
        headers,
        redirect: "manual",
        signal: AbortSignal.any([signal, ended.signal]),
        client,
      });
      if (reply.status !== 206) throw await refused(reply);
      const end = endOf(reply, range);
      const pieces = this.#pieces(reply.body!, end - range.from, timer, ended, leave);
      return { etag: reply.headers.get("etag") ?? "", end, pieces: await begun(pieces) };
    } catch (error) {
      timer.end();
      ended.abort();
      leave();
      throw error;
    }
  }

  close(): void {
    this.#connections.close();
  }

  async *#pieces(
    body: ReadableStream<Uint8Array>,
    size: number,
    timer: WaitTimer,
    ended: AbortController,
    leave: () => void,
  ): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    let left = size;
    try {
      for (;;) {
        timer.wait(this.limits.silenceMs, "the reply stopped");
        const { done, value } = await reader.read();
        timer.pause(); // the consumer may take its time
        if (done) break;
        left -= value.length;
        if (left < 0) throw new UnusableReply("its reply is longer than it announced");
        if (value.length > 0) yield value;
      }
      if (left > 0) throw new Error("the reply ended too early");
    } finally {
      timer.end();
      if (left !== 0) ended.abort();
      reader.releaseLock();
      leave();
    }
  }
}

/** The end of the bytes in a reply, after a check that they are those of the range. */
function endOf(reply: Response, { from, end }: Range): number {
  const text = reply.headers.get("content-range") ?? "";
  const [, first, last, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  const expected = Math.min(end, total ?? NaN);
  const length = reply.headers.get("content-length");
  const fits = first === from && last === expected - 1 && expected > from &&
    (length === null || Number(length) === expected - from);
  if (!fits) throw new UnusableReply("its reply is not the range that was asked for");
  return expected;
}

/** Waits for the first piece. @returns all pieces */
async function begun(pieces: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const first = await pieces.next();
  return (async function* () {
    try {
      if (!first.done) yield first.value;
      yield* pieces;
    } finally {
      await pieces.return(undefined);
    }
  })();
}

async function refused(reply: Response): Promise<Error> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const header = (name: string) => reply.headers.get(name) ?? undefined;
  for await (const piece of reply.body ?? []) {
    pieces.push(piece.subarray(0, MAX_REFUSAL_BYTES - length));
    length += piece.length;
    if (length >= MAX_REFUSAL_BYTES) break;
  }
  return refusalOf({ status: reply.status, header, body: concat(pieces) });
}
