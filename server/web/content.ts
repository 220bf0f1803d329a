/** Content of files as responses: whole or a range, with validators (RFC 9110, sections 8.8, 13, 14). */
import type { Download } from "../../storage/download.ts";
import { isStoreError, StoreError } from "../../storage/error.ts";
import { type ByteRange, rangeIn } from "./range.ts";

/** What is known of a file before it is opened. */
export interface ContentFacts {
  readonly size: number;
  readonly mtimeMs: number;
  /** SHA-256 in hex: the entity tag. */
  readonly hash: string;
}

/** A file to be sent. */
export interface ContentSource {
  facts(): Promise<ContentFacts>;
  /** Opens it with exactly this content. @param offset where it will be read from */
  open(hash: string, offset: number): Promise<Download>;
}

/** Whom it is sent to, and how. */
export interface ContentOptions {
  /** Headers beside those of the content: type, disposition, policy. */
  readonly headers: Readonly<Record<string, string>>;
  /** Resolves once so many bytes more may be sent. */
  readonly pace?: (bytes: number) => Promise<void> | void;
  /** Aborted where the transfer is to stop. */
  readonly signal?: AbortSignal;
  /** Called once nothing more is sent. */
  readonly ended?: () => void;
}

/** Bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;
/** How often a file may be replaced between a look and its opening. */
const MOST_TRIES = 5;

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
    const early = precondition(request, facts);
    if (early !== undefined) return new Response(null, { status: early, headers });
    const range = rangeIn(request.headers, facts);
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
      // Replaced between the look and the opening: answered about what is there now.
      if (isStoreError(error, "changed") && tries < MOST_TRIES) continue;
      throw error;
    }
    // What is wrong with a small file is told by a status, before anything was sent.
    const stream = await begun(streamOf(download, { start, end }, options));
    return new Response(stream, { status, headers });
  }
}

/** Bytes of an open download, read as fast as they are taken; it is closed at the end. */
export function streamOf(
  download: Download,
  { start, end }: ByteRange,
  { pace, signal, ended }: Omit<ContentOptions, "headers"> = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = start;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    download.close();
    ended?.();
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        if (signal?.aborted) throw signal.reason;
        const wanted = Math.min(CHUNK_BYTES, end - at);
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

/** The status that a precondition leads to, in the order of RFC 9110, section 13.2.2. */
function precondition({ headers }: Request, { hash, mtimeMs }: ContentFacts): number | undefined {
  const names = (list: string) => list.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  const matches = (list: string) => list.trim() === "*" || names(list).includes(`"${hash}"`);
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null && !matches(ifMatch)) return 412;
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) return matches(ifNoneMatch) ? 304 : undefined;
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return Math.floor(mtimeMs / 1000) * 1000 <= since ? 304 : undefined;
}
