/**
 * Where content is kept: immutable objects by key, as S3 and its like have them.
 *
 * Contracts for every store:
 * - An object is visible as a whole or not at all, and durable once `put` resolves.
 * - Keys are ASCII letters, digits, `-`, `_`, `.` and `/`, at most 512 characters.
 * - Errors are StoreErrors: `unreachable` where the store does not answer, `no-space` where it is full,
 *   `io` for all else. Tries after lost connections are the store's own matter.
 */

/** Options of {@linkcode ContentStore.put}. */
export interface PutOptions {
  /**
   * Whether an object of the key is left alone. An object that has the same size by then counts as
   * stored by this call: an answer that was lost is repeated. @default false: it is replaced
   */
  readonly ifAbsent?: boolean;
  /** SHA-256 of the bytes in hex, where the caller has it already. @default it is computed */
  readonly sha256?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A range of an object. */
export interface ObjectRange {
  /** First byte. @default 0 */
  readonly from?: number;
  /** Bytes. @default all to the end */
  readonly length?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An object as lists show it. */
export interface ObjectInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Time of its last change, ms since the Unix epoch. */
  readonly changedMs: number;
}

/** A page of a list, in the order of the keys. */
export interface ObjectPage {
  readonly objects: readonly ObjectInfo[];
  /** Given to the next call; undefined: there are no more. */
  readonly next: string | undefined;
}

/** Objects by key. */
export interface ContentStore {
  /**
   * Stores an object.
   *
   * @param parts its bytes in order, which must not change before the call resolves
   */
  put(key: string, parts: readonly Uint8Array[], options?: PutOptions): Promise<void>;
  /**
   * Reads an object or a range of it. Bytes are wanted soon: a stream that is not read or cancelled
   * holds a connection.
   *
   * @returns undefined where there is none; the stream fails with a StoreError where it breaks off,
   * after tries to go on
   */
  get(key: string, range?: ObjectRange): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Looks an object up. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Deletes objects; those that are not there are as good as deleted. */
  delete(keys: readonly string[]): Promise<void>;
  /**
   * Lists objects whose keys begin with a prefix.
   *
   * @param page `next` of the page before; `limit` at most 1,000
   */
  list(
    prefix: string,
    page?: { readonly after?: string | undefined; readonly limit?: number },
  ): Promise<ObjectPage>;
  /**
   * Resolves once the store has answered, on a connection of its own and without further tries.
   *
   * @throws {StoreError} where it does not answer within some seconds, or refuses
   */
  reach(): Promise<void>;
  /** Ends what runs, and closes connections. */
  close(): Promise<void>;
}
