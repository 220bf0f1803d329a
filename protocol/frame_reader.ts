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

  /**
   * The next JSON frame or piece of a DATA frame; null at the end of the stream. What arrived of a
   * DATA frame before the stream broke is handed out first.
   *
   * @throws {FrameError} on an invalid header, or an end inside a frame
   */
  async next(): Promise<Piece | null> {
    for (;;) {
      const piece = this.take();
      if (piece !== undefined) return piece;
      if (this.#ended) return this.#last();
      this.#makeRoom(this.#wanted());
      try {
        const count = await this.#source.read(this.#buffer.subarray(this.#end));
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
    this.#takeOtherBuffer();
    if (this.#dataRest > 0) return this.#piece();
    if (this.buffered < HEADER_BYTES) return undefined;
    const kind = this.#buffer[this.#start]!;
    const length = headerLength(this.#buffer, this.#start);
    if (kind === FrameKind.data) {
      if (length > MAX_DATA_BYTES) {
        throw new FrameError(`A DATA frame has more than ${MAX_DATA_BYTES} bytes`, false);
      }
      this.#start += HEADER_BYTES;
      this.#dataRest = length;
      if (length === 0) return { kind: "data", bytes: this.#buffer.subarray(0, 0), rest: 0 };
      return this.#piece();
    }
    if (kind !== FrameKind.json) throw new FrameError(`Unknown frame kind ${kind}`, false);
    const limit = Math.min(this.jsonLimit, MAX_JSON_BYTES);
    if (length > limit) throw new FrameError(`A JSON frame has more than ${limit} bytes`, false);
    if (this.buffered < HEADER_BYTES + length) return undefined;
    const from = this.#start + HEADER_BYTES;
    this.#start = from + length;
    return { kind: "json", bytes: this.#buffer.subarray(from, from + length), rest: 0 };
  }

  /** As much of the DATA frame as fits the buffer, waiting for no more than one chunk of it. */
  #piece(): Piece | undefined {
    if (this.buffered < this.#wanted() && !(this.#ended && this.buffered > 0)) return undefined;
    const length = Math.min(this.buffered, this.#dataRest);
    const bytes = this.#buffer.subarray(this.#start, this.#start + length);
    this.#start += length;
    this.#dataRest -= length;
    if (length >= LEND_BYTES) this.#lending = true;
    return { kind: "data", bytes, rest: this.#dataRest };
  }

  /** Bytes without which there is nothing to hand out. */
  #wanted(): number {
    if (this.#dataRest > 0) return Math.min(this.#dataRest, CHUNK_BYTES);
    if (this.buffered < HEADER_BYTES) return HEADER_BYTES;
    return HEADER_BYTES + headerLength(this.#buffer, this.#start); // of JSON, within its limit
  }

  /** What the end of the stream means where nothing is left to hand out. */
  #last(): null {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#dataRest > 0) throw new FrameError("The stream ended inside a DATA frame", true);
    if (this.buffered === 0) return null;
    const part = this.buffered < HEADER_BYTES ? "a frame header" : "a JSON frame";
    throw new FrameError(`The stream ended inside ${part}`, true);
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

  /** Makes room for `wanted` contiguous bytes as they arrive. */
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
