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

/** A whole JSON frame, or one piece of a DATA frame. */
export interface Piece {
  readonly kind: "json" | "data";
  /**
   * A view into one of the reader's two buffers: of JSON valid until the next call of `next()`, of
   * DATA until the call after that has been answered, so that it can be written meanwhile.
   */
  readonly bytes: Uint8Array;
  /** Bytes of the same DATA frame still to come; 0 for JSON. */
  readonly rest: number;
}

/** Smaller pieces are used up before the next is asked for. */
const LEND_BYTES = 64 * 1024;
const FIRST_BUFFER_BYTES = 16 * 1024;

/**
 * Splits a byte stream into frames. Payload bytes are not copied: pieces are views of the buffer
 * that the stream was read into. The buffer grows with the bytes that have arrived, never on the
 * word of a header.
 */
export class FrameReader {
  /** Largest JSON payload accepted, in bytes; raised by the owner at login. */
  jsonLimit = MAX_JSON_BYTES_BEFORE_LOGIN;

  readonly #source: ByteSource;
  #buffer: Uint8Array = new Uint8Array(FIRST_BUFFER_BYTES);
  /** The buffer that holds the DATA handed out last. */
  #lent: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  #dataRest = 0;
  #lending = false;
  #ended = false;
  #failure: unknown;

  constructor(source: ByteSource, options: { jsonLimit?: number } = {}) {
    this.#source = source;
    if (options.jsonLimit !== undefined) this.jsonLimit = options.jsonLimit;
  }

  /** Bytes read from the stream and not yet handed out. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Whether `next()` would answer without reading from the stream. */
  get ready(): boolean {
    if (this.#dataRest > 0) return this.buffered >= this.#dataRest;
    if (this.buffered < HEADER_BYTES) return false;
    return this.buffered >= HEADER_BYTES + headerLength(this.#buffer, this.#start);
  }

  /**
   * The next JSON frame or piece of a DATA frame; null at the end of the stream. What arrived of a
   * DATA frame before the stream broke is handed out first.
   *
   * @throws {FrameError} on an invalid header, or an end inside a frame
   */
  async next(): Promise<Piece | null> {
    this.#takeOtherBuffer();
    if (this.#dataRest > 0) return await this.#piece();
    while (this.buffered < HEADER_BYTES) {
      if (!await this.#fill(HEADER_BYTES)) {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.buffered === 0) return null;
        throw new FrameError("The stream ended inside a frame header", true);
      }
    }
    const kind = this.#buffer[this.#start]!;
    const length = headerLength(this.#buffer, this.#start);
    if (kind === FrameKind.data) {
      if (length > MAX_DATA_BYTES) {
        throw new FrameError(`A DATA frame has more than ${MAX_DATA_BYTES} bytes`, false);
      }
      this.#start += HEADER_BYTES;
      this.#dataRest = length;
      if (length === 0) return { kind: "data", bytes: this.#buffer.subarray(0, 0), rest: 0 };
      return await this.#piece();
    }
    if (kind !== FrameKind.json) throw new FrameError(`Unknown frame kind ${kind}`, false);
    const limit = Math.min(this.jsonLimit, MAX_JSON_BYTES);
    if (length > limit) throw new FrameError(`A JSON frame has more than ${limit} bytes`, false);
    this.#start += HEADER_BYTES;
    while (this.buffered < length) {
      if (!await this.#fill(length)) {
        if (this.#failure !== undefined) throw this.#failure;
        throw new FrameError("The stream ended inside a JSON frame", true);
      }
    }
    const bytes = this.#buffer.subarray(this.#start, this.#start + length);
    this.#start += length;
    return { kind: "json", bytes, rest: 0 };
  }

  /** As much of the DATA frame as fits the buffer, waiting for no more than one chunk of it. */
  async #piece(): Promise<Piece> {
    const wanted = Math.min(this.#dataRest, CHUNK_BYTES);
    while (this.buffered < wanted) {
      if (!await this.#fill(wanted)) {
        if (this.buffered > 0) break; // what came before the break counts
        if (this.#failure !== undefined) throw this.#failure;
        throw new FrameError("The stream ended inside a DATA frame", true);
      }
    }
    const length = Math.min(this.buffered, this.#dataRest);
    const bytes = this.#buffer.subarray(this.#start, this.#start + length);
    this.#start += length;
    this.#dataRest -= length;
    if (length >= LEND_BYTES) this.#lending = true;
    return { kind: "data", bytes, rest: this.#dataRest };
  }

  /** Goes on in the other buffer where DATA was handed out of this one: it may be in use still. */
  #takeOtherBuffer(): void {
    if (!this.#lending) return;
    this.#lending = false;
    const unread = this.#buffer.subarray(this.#start, this.#end);
    let other = this.#lent;
    if (other === undefined || other.length < this.#buffer.length) {
      other = new Uint8Array(this.#buffer.length);
    }
    other.set(unread);
    this.#lent = this.#buffer;
    this.#buffer = other;
    this.#start = 0;
    this.#end = unread.length;
  }

  /** Reads once, making room for `wanted` contiguous bytes as they arrive; false at the end. */
  async #fill(wanted: number): Promise<boolean> {
    if (this.#ended) return false;
    this.#makeRoom(wanted);
    let count: number | null;
    try {
      count = await this.#source.read(this.#buffer.subarray(this.#end));
    } catch (error) {
      this.#failure = error;
      count = null;
    }
    if (count === null) {
      this.#ended = true;
      return false;
    }
    this.#end += count;
    return true;
  }

  #makeRoom(wanted: number): void {
    const length = this.buffered;
    if (this.#start > 0 && (length === 0 || this.#start + wanted > this.#buffer.length)) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = length;
    }
    if (this.#end < this.#buffer.length) return;
    // Doubled only when full: memory follows what was really sent.
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = larger;
    this.#start = 0;
    this.#end = length;
  }
}
