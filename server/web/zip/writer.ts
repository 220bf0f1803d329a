/** Writes an archive piece by piece, with small pieces gathered. */
import {
  centralRecord,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipEntry,
} from "./records.ts";

/** Maximum of bytes that are gathered. */
const GATHER_BYTES = 64 * 1024;

/** Gathers small pieces into large ones. */
class Gathered {
  #buffer = new Uint8Array(GATHER_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns the gathered bytes, if the piece does not fit behind them */
  *add(piece: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
    if (this.#length + piece.length > this.#buffer.length && this.#length > 0) yield this.take();
    if (piece.length >= this.#buffer.length) {
      yield piece;
    } else {
      this.#buffer.set(piece, this.#length);
      this.#length += piece.length;
    }
  }

  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = new Uint8Array(GATHER_BYTES);
    this.#length = 0;
    return bytes;
  }
}

/**
 * Yields the bytes of one archive, in order. Of each entry it keeps only its record in the
 * directory at the archive's end, about 70 bytes and its name.
 */
export class ZipWriter {
  readonly #out = new Gathered();
  readonly #central = new Gathered();
  readonly #centralPieces: Uint8Array<ArrayBuffer>[] = [];
  #centralBytes = 0;
  #count = 0;
  #offset = 0;
  #begunAt = 0;

  /** Yields an entry whose content is in memory, or a directory. */
  *whole(entry: ZipEntry & { crc: number }, content?: Uint8Array<ArrayBuffer>) {
    this.#begunAt = this.#offset;
    yield* this.#put(localHeader(entry));
    if (content !== undefined && content.length > 0) yield* this.#put(content);
    this.#record(entry, entry.crc);
  }

  /** Begins an entry whose content comes in pieces. */
  *begin(entry: ZipEntry) {
    this.#begunAt = this.#offset;
    yield* this.#put(localHeader(entry));
  }

  /** A piece of the content of the entry that was begun. */
  *content(piece: Uint8Array<ArrayBuffer>) {
    yield* this.#put(piece);
  }

  /** Ends the entry that was begun. */
  *end(entry: ZipEntry, crc: number) {
    yield* this.#put(dataDescriptor(entry.size, crc));
    this.#record(entry, crc);
  }

  /** Ends the archive. */
  *finish() {
    const directory = { count: this.#count, offset: this.#offset, size: this.#centralBytes };
    if (this.#central.length > 0) this.#centralPieces.push(this.#central.take());
    for (const piece of this.#centralPieces) yield* this.#put(piece);
    yield* this.#put(endRecords(directory));
    if (this.#out.length > 0) yield this.#out.take();
  }

  *#put(piece: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
    this.#offset += piece.length;
    yield* this.#out.add(piece);
  }

  #record(entry: ZipEntry, crc: number): void {
    const record = centralRecord(entry, crc, this.#begunAt);
    this.#centralPieces.push(...this.#central.add(record));
    this.#centralBytes += record.length;
    this.#count++;
  }
}
