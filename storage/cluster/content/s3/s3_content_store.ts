import { createHash } from "node:crypto";
import { counted } from "../../../../common/counted.ts";
import { yieldTurn } from "../../../common/slices.ts";
import { StoreError } from "../../../contract/error.ts";
import type { ContentStore, ObjectInfo, ObjectPage } from "../content_store.ts";
import type { ObjectRange, PutOptions } from "../content_store.ts";
import { type S3Address, shownAddress } from "./address.ts";
import { parseDeletion, parseListing } from "./answers.ts";
import type { S3CredentialSource } from "./credentials.ts";
import { Exchanges, sizeOf } from "./exchange.ts";
import { isTransient, Refusal, storeErrorOf, UnusableReply } from "./failures.ts";
import { nothing, type Range, rangeHeaders, Reader, type Reading } from "./reading.ts";
import { RETRIES, type RetryOptions, START_RETRIES, withRetries } from "./retry.ts";
import { SignedCalls } from "./signed_calls.ts";
import { TIME_LIMITS, type TimeLimits } from "./time_limits.ts";

/** How an {@linkcode S3ContentStore} is opened. */
export interface S3ContentStoreOptions {
  readonly address: S3Address;
  readonly credentials: S3CredentialSource;
  /** Certificates in PEM that sign the server's. @default those that the machine trusts */
  readonly ca?: string | undefined;
  /** Most connections for everything but reading. @default 16 */
  readonly maxConnections?: number;
  readonly limits?: TimeLimits;
  readonly retries?: RetryOptions;
}

/** Keys that one request may delete, by the S3 API. */
const MAX_DELETED = 1000;
/** Limits of a look at the store. */
const LOOK_LIMITS: TimeLimits = { connectMs: 3000, firstByteMs: 3000, silenceMs: 3000 };
/** A key that no object has. */
const NO_OBJECT = "none";
/** The metadata that repeats the SHA-256 of the content, in hex. */
const HASH_HEADER = "x-amz-meta-sha256";

/**
 * Objects in a bucket of an S3-compatible server. Every request is idempotent, has time limits, and
 * is repeated with growing pauses while the server fails or does not answer.
 *
 * The reason of an error names the store, the failure and the remedy.
 */
export class S3ContentStore implements ContentStore {
  readonly #address: S3Address;
  readonly #calls: SignedCalls;
  readonly #exchanges: Exchanges;
  /** A connection for short looks, which wait for no upload. */
  readonly #looks: Exchanges;
  readonly #look: SignedCalls;
  readonly #reader: Reader;
  readonly #retries: RetryOptions;
  readonly #closed = new AbortController();

  constructor(options: S3ContentStoreOptions) {
    const { limits = TIME_LIMITS, maxConnections = 16, ca } = options;
    this.#address = options.address;
    this.#retries = options.retries ?? RETRIES;
    this.#exchanges = new Exchanges(options.address.endpoint, limits, { maxConnections, ca });
    this.#calls = new SignedCalls(options.address, options.credentials, this.#exchanges);
    this.#looks = new Exchanges(options.address.endpoint, LOOK_LIMITS, {
      maxConnections: 1,
      ca,
    });
    this.#look = new SignedCalls(options.address, options.credentials, this.#looks);
    this.#reader = new Reader(limits, ca);
  }

  async put(
    key: string,
    parts: readonly Uint8Array[],
    { ifAbsent = false, sha256: known, signal }: PutOptions = {},
  ): Promise<void> {
    // The store compares what it received with it before it answers.
    const hash = known ?? await sha256(parts);
    const size = sizeOf(parts);
    const headers = {
      "content-type": "application/octet-stream",
      ...(ifAbsent && { "if-none-match": "*" }),
      "x-amz-content-sha256": hash,
      [HASH_HEADER]: hash,
    };
    await this.#retried(`storing "${key}"`, signal, async (index, signal) => {
      // The reply to an earlier try may have been lost.
      if (index > 0 && await this.#holds(key, size, hash, signal)) return;
      const call = { method: "PUT", key, headers, body: parts, signal };
      const { status } = await this.#calls.send(call, [200, 201, 412]);
      if (status !== 412 || await this.#holds(key, size, hash, signal)) return;
      throw new UnusableReply("another object has this name");
    });
  }

  /** A reading that breaks off continues where it broke. */
  async get(
    key: string,
    { from = 0, length = Infinity, signal }: ObjectRange = {},
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const range = { from, end: from + length };
    const first = await this.#reading(key, range, signal);
    if (first === undefined) return undefined;
    const pieces = this.#pieces(key, { from, end: first.end }, first, signal);
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    }, { highWaterMark: 0 });
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const { status, header } = await this.#retried(
      `finding "${key}"`,
      undefined,
      (_, signal) => this.#calls.send({ method: "HEAD", key, signal }, [200, 404]),
    );
    if (status === 404) return undefined;
    const changedMs = Date.parse(header("last-modified") ?? "");
    return { key, size: Number(header("content-length")), changedMs };
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let first = 0; first < keys.length; first += MAX_DELETED) {
      const some = keys.slice(first, first + MAX_DELETED);
      const what = `deleting ${counted(some.length, "object")}`;
      await this.#retried(what, undefined, (_, signal) => this.#deleteSome(some, signal));
    }
  }

  list(
    prefix: string,
    options: { after?: string | undefined; limit?: number } = {},
  ): Promise<ObjectPage> {
    return this.#list(prefix, options, this.#retries);
  }

  /** Whether the store can be used, for a start. @throws {StoreError} why not */
  async assertUsable(): Promise<void> {
    await this.#list("content/", { limit: 1 }, START_RETRIES);
  }

  async #list(
    prefix: string,
    { after, limit = 1000 }: { after?: string | undefined; limit?: number },
    retries: RetryOptions,
  ): Promise<ObjectPage> {
    const root = this.#address.prefix;
    const query = {
      "list-type": "2",
      "encoding-type": "url",
      "max-keys": String(limit),
      "prefix": root + prefix,
      ...(after !== undefined && { "start-after": root + after }),
    };
    return await this.#retried(`listing "${prefix}"`, undefined, async (_, signal) => {
      const { body } = await this.#calls.send({ method: "GET", key: "", query, signal }, [200]);
      const { objects, isCut } = parseListing(body);
      if (objects.some(({ key }) => !key.startsWith(root + prefix))) {
        throw new UnusableReply("its listing has other keys than asked for");
      }
      const ours = objects.map((object) => ({ ...object, key: object.key.slice(root.length) }));
      return { objects: ours, next: isCut ? ours.at(-1)?.key : undefined };
    }, retries);
  }

  /** Reads an object that does not exist: a HEAD would not show whether the bucket does. */
  async reach(): Promise<void> {
    const call = { method: "GET", key: NO_OBJECT, signal: this.#closed.signal };
    try {
      await this.#look.send(call, [200, 404]);
    } catch (error) {
      throw this.#failure(error, "a look");
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new StoreError("shutting-down", "The server is going down"));
    await yieldTurn(); // what runs gets its error
    this.#exchanges.close();
    this.#looks.close();
    this.#reader.close();
  }

  /** A reading up to its first piece; until then it is repeated as a whole. */
  #reading(
    key: string,
    range: Range,
    signal: AbortSignal | undefined,
  ): Promise<Reading | undefined> {
    return this.#retried(`reading "${key}"`, signal, async (_, signal) => {
      try {
        const call = { method: "GET", key, headers: rangeHeaders(range), signal };
        return await this.#calls.signed(
          call,
          (request) => this.#reader.open(request, range, signal),
        );
      } catch (error) {
        if (error instanceof Refusal && error.code === "NoSuchKey") return undefined;
        if (error instanceof Refusal && error.status === 416) return nothing(range);
        throw error;
      }
    });
  }

  async *#pieces(
    key: string,
    { from, end }: Range,
    first: Reading,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void> {
    let reading: Reading | undefined = first;
    for (let at = from; at < end;) {
      const { etag } = first;
      reading ??= await this.#reading(key, { from: at, end, etag }, signal);
      if (reading === undefined) throw this.#lost(key);
      try {
        for await (const piece of reading.pieces) {
          at += piece.length;
          yield piece;
        }
      } catch (error) {
        if (signal?.aborted || !isTransient(error)) throw this.#failure(error, `reading "${key}"`);
      }
      reading = undefined;
    }
  }

  /** Whether an object has this content. */
  async #holds(key: string, size: number, hash: string, signal: AbortSignal): Promise<boolean> {
    const { status, header } = await this.#calls.send({ method: "HEAD", key, signal }, [200, 404]);
    return status === 200 && header(HASH_HEADER) === hash &&
      Number(header("content-length")) === size;
  }

  async #deleteSome(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const rows = keys.map((key) => `<Object><Key>${this.#calls.keyOf(key)}</Key></Object>`).join(
      "",
    );
    const body = new TextEncoder().encode(`<Delete><Quiet>true</Quiet>${rows}</Delete>`);
    const headers = {
      "content-type": "application/xml",
      "content-md5": createHash("md5").update(body).digest("base64"),
      "x-amz-content-sha256": await sha256([body]),
    };
    const call = { method: "POST", key: "", query: { delete: "" }, headers, body: [body], signal };
    const { body: reply } = await this.#calls.send(call, [200]);
    const { failed, code } = parseDeletion(reply);
    if (failed.length > 0) {
      const isTransient = code === "InternalError" || code === "SlowDown";
      throw new Refusal(isTransient ? 503 : 403, code, `"${failed[0]}" was not deleted`, undefined);
    }
  }

  async #retried<T>(
    what: string,
    signal: AbortSignal | undefined,
    attempt: (index: number, signal: AbortSignal) => Promise<T>,
    retries = this.#retries,
  ): Promise<T> {
    const closed = this.#closed.signal;
    const either = signal === undefined ? closed : AbortSignal.any([signal, closed]);
    try {
      return await withRetries((index) => attempt(index, either), retries, either);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(error, what);
    }
  }

  #failure(error: unknown, what: string): StoreError {
    if (this.#closed.signal.aborted) return this.#closed.signal.reason;
    return storeErrorOf(error, what, shownAddress(this.#address));
  }

  #lost(key: string): StoreError {
    return this.#failure(new UnusableReply("the object was removed meanwhile"), `reading "${key}"`);
  }
}

/** Bytes that are hashed before other work has its turn. */
const HASHED_AT_ONCE = 1024 * 1024;

async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  const hash = createHash("sha256");
  for (const part of parts) {
    for (let start = 0; start < part.length; start += HASHED_AT_ONCE) {
      hash.update(part.subarray(start, start + HASHED_AT_ONCE));
      if (part.length > HASHED_AT_ONCE) await yieldTurn();
    }
  }
  return hash.digest("hex");
}
