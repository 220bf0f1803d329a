import {
  BASE_BYTES,
  type BufferPool,
  buffers,
  IDLE_BYTES,
  type Lease,
  type PooledBuffer,
} from "../buffers/pool.ts";
import {
  type ByteSource,
  CHUNK_BYTES,
  FrameError,
  FrameKind,
  HEADER_BYTES,
  headerLength,
  MAX_DATA_BYTES,
  MAX_JSON_BYTES,
  MAX_JSON_BYTES_BEFORE_LOGIN,
} from "./frame.ts";

/** A whole JSON frame, or one piece of a DATA frame: a view of a buffer that is held for it. */
export class Piece {
  #released = false;

  constructor(
    readonly kind: "json" | "data",
    readonly bytes: Uint8Array,
    /** Bytes of the same DATA frame still to come; 0 for JSON. */
    readonly rest: number,
    /** Holds `bytes` as they are beyond {@linkcode Piece.release}. */
    readonly lease: Lease,
  ) {
    lease.retain();
  }

  /** Gives the bytes back. The reader uses the buffer again once no other holder retains it. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.lease.release();
  }

  /** For `using`: releases it. */
  [Symbol.dispose](): void {
    this.release();
  }
}

/** How a {@linkcode FrameReader} is bounded. */
export interface FrameReaderOptions {
  /** Largest JSON payload accepted, in bytes. @default 16 KiB */
  jsonLimit?: number;
  /** Where its buffers come from. */
  pool?: BufferPool;
  /** Holds 32 KiB instead of 4 KiB while nothing comes: for programs with few connections. */
  holdsMore?: boolean;
}

/** Sizes that a buffer for DATA grows through, each once the one before it was full. */
const DATA_SIZES = [IDLE_BYTES, BASE_BYTES, 128 * 1024, CHUNK_BYTES + HEADER_BYTES];
const MAX_DATA_SIZE = CHUNK_BYTES + HEADER_BYTES;

/**
 * Splits a byte stream into frames. Payload bytes are not copied: pieces are views of the buffer
 * that the stream was read into, which is not written again before they are released. The buffer
 * grows with the bytes that have arrived, never on the word of a header: step by step for a first
 * DATA frame, at once to the size that the one before it filled for the next. It is given back while
 * nothing comes. Where the pool's budget is used up, DATA comes in smaller pieces, and a large JSON
 * frame waits.
 */
export class FrameReader {
  /** Largest JSON payload accepted, in bytes; raised by the owner at login. */
  jsonLimit: number;

  readonly #source: ByteSource;
  readonly #pool: BufferPool;
  readonly #idleBytes: number;
  #buffer: PooledBuffer | undefined;
  #start = 0;
  #end = 0;
  #dataRest = 0;
  /** Bytes of the buffer that the last DATA frame filled; the next one probably will too. */
  #usualBytes = BASE_BYTES;
  /** The last read filled all its room, so there is probably more to read at once. */
  #filled = false;
  /** The buffer is full, and there is no larger one: what came is handed out as it is. */
  #starved = false;
  #ended = false;
  #failure: unknown;

  constructor(source: ByteSource, options: FrameReaderOptions = {}) {
    this.#source = source;
    this.#pool = options.pool ?? buffers;
    this.#idleBytes = options.holdsMore ? BASE_BYTES : IDLE_BYTES;
    this.jsonLimit = options.jsonLimit ?? MAX_JSON_BYTES_BEFORE_LOGIN;
  }

  /** Bytes read from the stream and not yet handed out. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /**
   * Reads the next JSON frame or piece of a DATA frame; null at the end of the stream. If the
   * stream breaks inside a DATA frame, the bytes that arrived before are returned first.
   *
   * @throws {FrameError} on an invalid header, or an end inside a frame
   */
  async next(): Promise<Piece | null> {
    for (;;) {
      const piece = this.take();
      if (piece !== undefined) return piece;
      if (this.#ended) return this.#last();
      const making = this.#makeRoom(this.#wanted());
      if (making !== undefined) await making;
      if (this.#starved) continue;
      try {
        const room = this.#buffer!.bytes.subarray(this.#end);
        const count = await this.#source.read(room);
        this.#filled = count === room.length;
        if (count === null) this.#ended = true;
        else this.#end += count;
      } catch (error) {
        this.#failure = error;
        this.#ended = true;
      }
    }
  }

  /**
   * As `next()`, where it can be had without waiting for the stream; else undefined.
   *
   * @throws {FrameError} on an invalid header
   */
  take(): Piece | undefined {
    if (this.#dataRest > 0) return this.#dataPiece();
    if (this.buffered < HEADER_BYTES) return undefined;
    const { bytes } = this.#buffer!;
    const kind = bytes[this.#start]!;
    const length = headerLength(bytes, this.#start);
    if (kind === FrameKind.data) {
      if (length > MAX_DATA_BYTES) {
        throw new FrameError(`A DATA frame has more than ${MAX_DATA_BYTES} bytes`, false);
      }
      this.#start += HEADER_BYTES;
      this.#dataRest = length;
      return length === 0 ? this.#piece("data", 0) : this.#dataPiece();
    }
    if (kind !== FrameKind.json) throw new FrameError(`Unknown frame kind ${kind}`, false);
    const limit = Math.min(this.jsonLimit, MAX_JSON_BYTES);
    if (length > limit) throw new FrameError(`A JSON frame has more than ${limit} bytes`, false);
    if (this.buffered < HEADER_BYTES + length) return undefined;
    this.#start += HEADER_BYTES;
    this.#usualBytes = BASE_BYTES;
    return this.#piece("json", length);
  }

  /** Gives its buffer back: nothing is read any more. Pieces stay until they are released. */
  close(): void {
    this.#ended = true;
    this.#start = this.#end = 0;
    this.#buffer?.release();
    this.#buffer = undefined;
  }

  /** As much of the DATA frame as fits the buffer, waiting for no more than one chunk of it. */
  #dataPiece(): Piece | undefined {
    const { buffered } = this;
    if (buffered < this.#wanted() && !((this.#ended || this.#starved) && buffered > 0)) {
      return undefined;
    }
    this.#starved = false;
    const length = Math.min(buffered, this.#dataRest);
    this.#dataRest -= length;
    this.#usualBytes = Math.max(BASE_BYTES, Math.min(this.#buffer!.bytes.length, MAX_DATA_SIZE));
    return this.#piece("data", length);
  }

  #piece(kind: "json" | "data", length: number): Piece {
    const buffer = this.#buffer!;
    const bytes = buffer.bytes.subarray(this.#start, this.#start + length);
    this.#start += length;
    return new Piece(kind, bytes, this.#dataRest, buffer);
  }

  /** Bytes without which there is nothing to hand out. */
  #wanted(): number {
    if (this.#dataRest > 0) return Math.min(this.#dataRest, CHUNK_BYTES);
    if (this.buffered < HEADER_BYTES) return HEADER_BYTES;
    return HEADER_BYTES + headerLength(this.#buffer!.bytes, this.#start); // of JSON, within its limit
  }

  /** Ends the stream: null after a whole frame, otherwise the error. */
  #last(): null {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#dataRest > 0) throw new FrameError("The stream ended inside a DATA frame", true);
    if (this.buffered === 0) return null;
    const part = this.buffered < HEADER_BYTES ? "a frame header" : "a JSON frame";
    throw new FrameError(`The stream ended inside ${part}`, true);
  }

  /** Makes room for `wanted` contiguous bytes, without touching bytes that others hold. */
  #makeRoom(wanted: number): Promise<void> | void {
    const buffer = this.#buffer;
    if (buffer === undefined) return this.#goOnIn(this.#pool.take(this.#idleBytes));
    const size = buffer.bytes.length;
    // Every read costs more than a copy of what it brings.
    if (this.#filled && size < BASE_BYTES) return this.#goOnIn(this.#pool.take(this.#usualBytes));
    if (this.buffered === 0) return this.#beginAnew(buffer);
    if (size > MAX_DATA_SIZE && (this.#dataRest > 0 || wanted <= BASE_BYTES)) {
      const smaller = this.#pool.tryTake(this.buffered + 1);
      if (smaller !== undefined) return this.#goOnIn(smaller); // others may wait for the large one
    }
    if (this.#end < size && this.#start + wanted <= size) return;
    if (!buffer.shared && this.#start > 0) {
      buffer.bytes.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#end < size && !(buffer.shared && this.#start > 0)) return;
    return this.#move(size, wanted);
  }

  /** Nothing is left unread: between frames the smallest buffer is enough. */
  #beginAnew(buffer: PooledBuffer): void {
    const size = this.#dataRest > 0
      ? Math.min(buffer.bytes.length, MAX_DATA_SIZE)
      : this.#idleBytes;
    if (buffer.shared || buffer.bytes.length !== size) return this.#goOnIn(this.#pool.take(size));
    this.#start = this.#end = 0;
  }

  /** Continues in another buffer: this one is full, or others hold all its room. */
  #move(size: number, wanted: number): Promise<void> | void {
    const full = this.buffered === size;
    if (this.#dataRest > 0) {
      const next = full ? this.#larger(size) : this.#pool.tryTake(size);
      if (next !== undefined) return this.#goOnIn(next);
      this.#starved = true;
      return;
    }
    if (wanted <= BASE_BYTES) return this.#goOnIn(this.#pool.take(BASE_BYTES));
    return this.#pool.takeForMessage().then((next) => this.#goOnIn(next));
  }

  #larger(size: number): PooledBuffer | undefined {
    const usual = this.#usualBytes > size ? this.#pool.tryTake(this.#usualBytes) : undefined;
    if (usual !== undefined) return usual;
    const step = DATA_SIZES.find((step) => step > size);
    return step === undefined ? undefined : this.#pool.tryTake(step);
  }

  #goOnIn(next: PooledBuffer): void {
    const before = this.#buffer;
    if (before !== undefined) next.bytes.set(before.bytes.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = next;
    before?.release();
  }
}
