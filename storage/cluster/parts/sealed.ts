import { crc32 } from "node:zlib";
import { endOf, type Piece, slicePieces } from "../content/piece.ts";
import type { Buffering } from "./budget.ts";
import type { ClusterPlaces } from "./places.ts";

/** Bytes at which a buffer becomes an object without waiting for a checkpoint. */
const OBJECT_BYTES = 16 * 1024 * 1024;

/**
 * The content of one upload: pieces of objects that are stored or being stored, and behind them bytes
 * in memory. An object is begun when enough bytes came, at a checkpoint, or when others need the
 * memory.
 */
export class SealedContent implements Buffering {
  #pieces: Piece[];
  /** Each object that is being stored. */
  readonly #storing = new Map<string, Promise<void>>();
  #failure: unknown;
  /** Chunks of the budget; all but the last are full. */
  #buffer: Uint8Array<ArrayBuffer>[] = [];
  #buffered = 0;
  /** Bytes that the last buffer has room for. */
  #room = 0;
  /** Whether the bytes in memory are being stored by others. */
  #isLent = false;

  /**
   * @param prefix what keys of its objects begin with
   * @param pieces content that is stored already
   */
  constructor(
    private readonly places: Pick<ClusterPlaces, "store" | "budget">,
    private readonly prefix: string,
    pieces: readonly Piece[] = [],
  ) {
    this.#pieces = [...pieces];
  }

  /** Bytes in all. */
  get size(): number {
    return endOf(this.#pieces) + this.#buffered;
  }

  get bufferedBytes(): number {
    return this.#isLent ? 0 : this.#buffered;
  }

  /** Pieces of objects, also of those that are not stored yet. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  /** Copies bytes to the end. It waits where memory is short. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.places.budget.take(this, bytes.length);
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#room === 0) this.#addBuffer(rest.length);
      const last = this.#buffer.at(-1)!;
      const taken = rest.subarray(0, this.#room);
      last.set(taken, last.length - this.#room);
      this.#room -= taken.length;
      rest = rest.subarray(taken.length);
    }
    this.#buffered += bytes.length;
    if (this.#buffered >= OBJECT_BYTES) this.flush();
  }

  #addBuffer(bytes: number): void {
    // It grows with the content, so that a small file holds no whole chunk.
    const chunk = this.places.budget.chunk(Math.max(bytes, 2 * this.#buffered));
    this.#room = chunk.length;
    this.#buffer.push(chunk);
  }

  /**
   * Begins to store all that is in memory.
   *
   * @param sha256 its hash, where the caller knows it
   */
  flush(sha256?: string): void {
    if (this.#buffered === 0 || this.#isLent) return;
    const { store, budget } = this.places;
    const [bytes, size] = [this.#bytes(), this.#buffered];
    const chunks = this.#take();
    const start = endOf(this.#pieces);
    // An earlier object of the same place may have been cut off: it is never overwritten.
    const object = `${this.prefix}-${start}-${crypto.randomUUID().slice(0, 8)}`;
    const crc = bytes.reduce((sum, part) => crc32(part, sum), 0);
    this.#pieces.push({ start, size, object, from: 0, crc });
    // Where it fails, a request that is given up may still read them.
    const storing = store.put(object, bytes, { ifAbsent: true, sha256 })
      .then(() => budget.reuse(chunks), (error) => void (this.#failure ??= error))
      .finally(() => {
        this.#storing.delete(object);
        budget.free(size);
      });
    this.#storing.set(object, storing);
  }

  /**
   * Lends the bytes in memory to a caller that stores them together with others, where all of the
   * content is there. They stay until {@linkcode SealedContent.returned}; nothing is appended meanwhile.
   */
  lend(maxBytes: number): Uint8Array[] | undefined {
    if (this.#pieces.length > 0 || this.#buffered > maxBytes) return undefined;
    this.#isLent = true;
    return this.#bytes();
  }

  /** Ends a lending. @param piece where the bytes are stored; undefined: they are not */
  returned(piece?: Piece): void {
    this.#isLent = false;
    if (piece === undefined) return;
    this.drop();
    this.#pieces.push(piece);
  }

  #bytes(): Uint8Array[] {
    return this.#buffer.map((bytes, index, { length }) =>
      index === length - 1 ? trimmed(bytes, this.#room) : bytes
    );
  }

  /** Takes the bytes out of memory. @returns the chunks that they are in */
  #take(): Uint8Array<ArrayBuffer>[] {
    const chunks = this.#buffer;
    this.#buffer = [];
    this.#buffered = this.#room = 0;
    this.places.budget.emptied(this);
    return chunks;
  }

  /**
   * Stores at least the first bytes.
   *
   * @param hash SHA-256 of these: where they are one object, it is not computed again
   * @returns their pieces, all of them stored
   */
  async seal(sizeBytes: number, hash?: string): Promise<readonly Piece[]> {
    const isObject = this.#pieces.length === 0 && this.#buffered === sizeBytes;
    if (endOf(this.#pieces) < sizeBytes) this.flush(isObject ? hash : undefined);
    const pieces = slicePieces(this.#pieces, 0, sizeBytes);
    await this.settled(pieces);
    return pieces;
  }

  /** Resolves once objects are stored. @throws {StoreError} where one was not: for good */
  async settled(pieces: readonly Piece[] = this.#pieces): Promise<void> {
    await Promise.all(pieces.map(({ object }) => this.#storing.get(object)));
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Drops everything behind an offset. */
  async cut(offset: number): Promise<void> {
    await this.settled();
    const sealed = endOf(this.#pieces);
    if (offset >= sealed) {
      const [bytes, size] = [this.#bytes(), this.#buffered];
      const chunks = this.#take();
      this.places.budget.free(size);
      let rest = offset - sealed;
      for (const part of bytes) {
        if (rest <= 0) break;
        await this.append(part.subarray(0, rest));
        rest -= part.length;
      }
      this.places.budget.reuse(chunks);
      return;
    }
    this.drop();
    this.#pieces = slicePieces(this.#pieces, 0, offset);
  }

  /** Drops stored pieces behind an offset. @returns the pieces of before */
  dropBehind(offset: number): readonly Piece[] {
    const before = this.#pieces;
    this.#pieces = slicePieces(before, 0, offset);
    return before;
  }

  /** Drops what is in memory. */
  drop(): void {
    const size = this.#buffered;
    const chunks = this.#take();
    this.places.budget.free(size);
    if (!this.#isLent) this.places.budget.reuse(chunks);
  }
}

function trimmed(bytes: Uint8Array<ArrayBuffer>, room: number): Uint8Array<ArrayBuffer> {
  return bytes.subarray(0, bytes.length - room);
}
