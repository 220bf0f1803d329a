/** Content of files as responses: whole or a range, with validators (RFC 9110, sections 8.8 and 14). */
import { buffers, type Room } from "../../../buffers/pool.ts";
import type { Download } from "../../../storage/transfer/download.ts";
import { isStoreError, StoreError } from "../../../storage/contract/error.ts";
import { evaluate, preconditionFailed } from "./preconditions.ts";
import { type ByteRange, rangeIn } from "./range.ts";

/** Properties of a file before it is opened. */
export interface ContentFacts {
  readonly size: number;
  readonly mtimeMs: number;
  /** SHA-256 in hex: the entity tag. */
  readonly hash: string;
}

/** A file to be sent. */
export interface ContentSource {
  facts(): Promise<ContentFacts>;
  /** Opens the file if it has exactly this content. @param offset start of the reads */
  open(hash: string, offset: number): Promise<Download>;
}

/** Whom it is sent to, and how. */
export interface ContentOptions {
  /** Headers beside those of the content: type, disposition, policy. */
  readonly headers: Readonly<Record<string, string>>;
  /** Resolves once `bytes` more may be sent. */
  readonly pace?: (bytes: number) => Promise<void> | void;
  /** Maximum bytes to send at once now. @default the size of a read */
  readonly pieceBytes?: () => number;
  /** Aborted where the transfer is to stop. */
  readonly signal?: AbortSignal;
  /** Called once nothing more is sent. */
  readonly ended?: () => void;
}

/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Maximum of replacements of a file between its check and its opening. */
const MAX_TRIES = 5;

/**
 * The response to a `GET` or `HEAD` for a file.
 *
 * @throws {StoreError} what storage says
 */
export async function contentResponse(
  request: Request,
  source: ContentSource,
  options: ContentOptions,
): Promise<Response> {
  for (let tries = 1;; tries++) {
    const facts = await source.facts();
    const headers = headersOf(facts, options);
    const early = evaluate(request.method, request.headers, facts);
    if (early === 412) throw preconditionFailed({ "etag": headers.get("etag")! });
    if (early === 304) return new Response(null, { status: 304, headers: keptHeaders(headers) });
    const range = request.method === "GET" ? rangeIn(request.headers, facts) : undefined;
    if (range === "unsatisfiable") {
      headers.set("content-range", `bytes */${facts.size}`);
      return new Response(null, { status: 416, headers });
    }
    const { start, end } = range ?? { start: 0, end: facts.size };
    if (range !== undefined) {
      headers.set("content-range", `bytes ${start}-${end - 1}/${facts.size}`);
    }
    headers.set("content-length", String(end - start));
    const status = range === undefined ? 200 : 206;
    if (request.method === "HEAD") return new Response(null, { status, headers });
    let download: Download;
    try {
      download = await source.open(facts.hash, start);
    } catch (error) {
      // Replaced between the check and the opening: answers with the present content.
      if (isStoreError(error, "changed") && tries < MAX_TRIES) continue;
      throw error;
    }
    // An error in a small file is reported by the status, before any byte is sent.
    const stream = await begun(streamOf(download, { start, end }, options));
    return new Response(stream, { status, headers });
  }
}

/** Bytes of an open download, read as fast as they are taken; it is closed at the end. */
export function streamOf(
  download: Download,
  { start, end }: ByteRange,
  { pace, pieceBytes, signal, ended }: Omit<ContentOptions, "headers"> = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = start;
  let open = true;
  let room: Room | undefined;
  const close = () => {
    if (!open) return;
    open = false;
    room?.release();
    download.close();
    ended?.();
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        if (signal?.aborted) throw signal.reason;
        room?.release(); // of the piece before, which was sent
        room = buffers.room(Math.min(CHUNK_BYTES, end - at, pieceBytes?.() ?? Infinity));
        const wanted = room.bytes;
        const bytes = new Uint8Array(wanted);
        if (wanted > 0) {
          await pace?.(wanted);
          const count = await download.read(bytes, at);
          if (count < wanted) throw new StoreError("io", "The file is shorter than it was");
          at += count;
        }
        // Verified before its last bytes are sent: damage is never a complete response.
        if (at >= end) await download.finish();
        if (wanted > 0) controller.enqueue(bytes);
        if (at < end) return;
        controller.close();
        close();
      } catch (error) {
        close();
        controller.error(error);
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}

/** A stream of whose first piece it is known that it is there. @throws what reading it throws */
async function begun(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const reader = stream.getReader();
  let first: ReadableStreamReadResult<Uint8Array<ArrayBuffer>> | undefined = await reader.read();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = first ?? await reader.read();
      first = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

function headersOf({ hash, mtimeMs }: ContentFacts, options: ContentOptions): Headers {
  return new Headers({
    "accept-ranges": "bytes",
    "etag": `"${hash}"`,
    "last-modified": new Date(mtimeMs).toUTCString(),
    ...options.headers,
  });
}

/** Headers that a 304 repeats (RFC 9110, section 15.4.5): those that keep a cache's entry fresh. */
function keptHeaders(headers: Headers): Headers {
  const names = ["etag", "last-modified", "cache-control", "content-location", "vary"];
  return new Headers(names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  }));
}
