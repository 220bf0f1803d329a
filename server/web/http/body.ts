/** Bodies of requests, as streams that read only on demand. */
import { buffers, type Room } from "../../../buffers/pool.ts";
import type { ByteSource } from "./byte_source.ts";
import { type Framing, HttpError, readField } from "./head.ts";

/** Pieces are this large at first, and grow where they are filled. */
const MIN_PIECE = 16 * 1024;
const MAX_PIECE = 256 * 1024;
/** A consumer that takes longer for a piece is slower than the sender: pieces get smaller again. */
const HELD_BACK_MS = 100;
/**
 * A wait of this length for a sender's bytes shows that it is slower than we are: the received
 * bytes are passed on.
 */
const SLOW_MS = 2;
const MAX_CHUNK_LINE = 1024;
const MAX_TRAILERS = 32;

/** Body of one request. */
export class Body {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  #pieceBytes = MIN_PIECE;
  /** When the latest piece was handed on, ms; whether it was full. */
  #handedOnMs = 0;
  #filled = false;
  /** Budget of the latest piece: a consumer that requests the next one has finished with it. */
  #room: Room | undefined;
  #done = false;
  #failure: unknown;
  /** Bytes left, of the body or of the chunk that is being read. */
  #left: number;
  #begun = false;

  /** @param begin called before the first byte is read */
  constructor(
    private readonly source: ByteSource,
    private readonly framing: Exclude<Framing, { kind: "none" }>,
    private readonly begin: () => Promise<void>,
  ) {
    this.#left = framing.kind === "length" ? framing.bytes : 0;
    this.stream = new ReadableStream({
      pull: async (controller) => {
        const piece = await this.#next();
        if (piece.length > 0) controller.enqueue(piece);
        if (this.#done) controller.close();
      },
    }, { highWaterMark: 0 });
  }

  /** Whether all of it was read. */
  get done(): boolean {
    return this.#done;
  }

  /** Whether reading has begun. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Bytes that are to come, where that is known. */
  get left(): number {
    return this.framing.kind === "length" ? this.#left : Infinity;
  }

  /** The request is over: its last piece counts no more. */
  [Symbol.dispose](): void {
    this.#room?.release();
  }

  /** Reads the rest and discards it. */
  async drain(): Promise<void> {
    while (!this.#done) await this.#next();
  }

  async #next(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#begun) {
      this.#begun = true;
      await this.begin();
    }
    this.#room?.release();
    if (performance.now() - this.#handedOnMs > HELD_BACK_MS) {
      this.#pieceBytes = Math.max(MIN_PIECE, this.#pieceBytes / 4);
    } else if (this.#filled) {
      this.#pieceBytes = Math.min(MAX_PIECE, 4 * this.#pieceBytes);
    }
    const room = this.#room = buffers.room(
      this.framing.kind === "length" ? Math.min(this.#left, this.#pieceBytes) : this.#pieceBytes,
    );
    const size = room.bytes;
    const piece = new Uint8Array(size);
    let at = 0;
    try {
      while (at < size && !this.#done) {
        const before = performance.now();
        at += await this.#read(piece.subarray(at));
        if (at > 0 && performance.now() - before > SLOW_MS) break;
      }
    } catch (error) {
      this.#failure = error;
      if (at === 0) throw error; // else what came is handed on first
    }
    this.#filled = at === this.#pieceBytes;
    this.#handedOnMs = performance.now();
    return piece.subarray(0, at);
  }

  async #read(into: Uint8Array): Promise<number> {
    if (this.framing.kind === "chunked" && this.#left === 0 && !await this.#nextChunk()) return 0;
    const wanted = into.length > this.#left ? into.subarray(0, this.#left) : into;
    const count = await this.source.take(wanted);
    this.#left -= count;
    if (this.#left === 0) {
      if (this.framing.kind === "length") this.#done = true;
      else if (await this.source.line(0) !== "") throw new HttpError(400, "A chunk is malformed");
    }
    return count;
  }

  /** Reads the line before a chunk (RFC 9112, section 7.1). @returns false for the last one */
  async #nextChunk(): Promise<boolean> {
    const line = await this.source.line(MAX_CHUNK_LINE);
    const size = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;[\t -~\x80-\xff]*)?$/.exec(line)?.[1];
    if (size === undefined) throw new HttpError(400, "The size of a chunk is malformed");
    this.#left = parseInt(size, 16);
    if (this.#left > 0) return true;
    for (let count = 0;; count++) {
      const trailer = await this.source.line(MAX_CHUNK_LINE);
      if (trailer === "") break;
      if (count === MAX_TRAILERS) throw new HttpError(400, "There are too many trailers");
      readField(trailer); // dropped; but bytes that are no field could be another request to a proxy
    }
    this.#done = true;
    return false;
  }
}
