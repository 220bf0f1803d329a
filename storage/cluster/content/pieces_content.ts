import { crc32 } from "node:zlib";
import type { Content } from "../../contract/entry.ts";
import { StoreError } from "../../contract/error.ts";
import type { ContentStore } from "./content_store.ts";
import { endOf, type Piece } from "./piece.ts";

/** The stream of a piece that is being read. */
interface Reading {
  readonly index: number;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Offset in the content of the next byte. */
  offset: number;
  /** Bytes that came and were not taken yet. */
  rest: Uint8Array;
  /** CRC-32 until here; undefined where the piece is not read from its beginning. */
  crc: number | undefined;
}

/**
 * One state of content, read from its objects. A read that begins where the one before ended continues
 * its stream. The bytes of each piece are compared with its CRC-32 before the last of them are given out.
 */
export class PiecesContent implements Content {
  readonly size: number;
  #reading: Reading | undefined;
  /** The piece behind the one that is being read. */
  #next: { index: number; stream: Promise<ReadableStream<Uint8Array> | undefined> } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #aborter = new AbortController();
  #isTolerant = false;
  #foundDamage = false;

  constructor(
    private readonly store: Pick<ContentStore, "get">,
    private readonly pieces: readonly Piece[],
    readonly mtimeMs: number,
  ) {
    this.size = endOf(pieces);
  }

  read(into: Uint8Array, offsetBytes: number): Promise<number> {
    const read = this.#last.then(() => this.#read(into, offsetBytes));
    this.#last = read.catch(() => {});
    return read;
  }

  readAsync(into: Uint8Array, offsetBytes: number): Promise<number> {
    return this.read(into, offsetBytes);
  }

  tolerateDamage(): () => boolean {
    this.#isTolerant = true;
    return () => this.#foundDamage;
  }

  close(): void {
    this.#aborter.abort();
    this.#stop();
  }

  async #read(into: Uint8Array, offset: number): Promise<number> {
    const wanted = Math.max(0, Math.min(into.length, this.size - offset));
    let count = 0;
    try {
      while (count < wanted) {
        count += await this.#some(into.subarray(count, wanted), offset + count);
      }
    } catch (error) {
      this.#stop();
      throw error;
    }
    return count;
  }

  /** Reads at least one byte, of one piece. */
  async #some(into: Uint8Array, offset: number): Promise<number> {
    const reading = await this.#at(offset);
    const piece = this.pieces[reading.index]!;
    if (reading.rest.length === 0) reading.rest = await this.#arrived(reading);
    const end = piece.start + piece.size;
    const bytes = reading.rest.subarray(0, Math.min(into.length, end - offset));
    if (reading.crc !== undefined) reading.crc = crc32(bytes, reading.crc);
    into.set(bytes);
    reading.rest = reading.rest.subarray(bytes.length);
    reading.offset += bytes.length;
    if (reading.offset === end) this.#finish(reading, piece);
    else if (reading.offset - piece.start > piece.size / 2) this.#fetchBehind(reading.index);
    return bytes.length;
  }

  async #arrived(reading: Reading): Promise<Uint8Array> {
    while (true) {
      const { done, value } = await reading.reader.read();
      if (done) throw damaged("a part of it is shorter than recorded");
      if (value.length > 0) return value;
    }
  }

  #finish({ crc, reader }: Reading, piece: Piece): void {
    this.#reading = undefined;
    reader.cancel().catch(() => {});
    if (crc !== undefined && piece.crc !== undefined && crc !== piece.crc) {
      this.#foundDamage = true;
      if (this.#isTolerant) return;
      throw damaged("a part of it has another checksum than recorded");
    }
  }

  /** The stream that is at an offset, or a new one. */
  async #at(offset: number): Promise<Reading> {
    if (this.#reading?.offset === offset) return this.#reading;
    const index = this.#indexAt(offset);
    const { start, from } = this.pieces[index]!;
    const isNext = this.#next?.index === index && start === offset;
    const opening = isNext ? this.#next!.stream : this.#open(index, offset);
    if (isNext) this.#next = undefined;
    this.#stop();
    const stream = await opening;
    if (stream === undefined) {
      const cause = new Error(`No object ${this.pieces[index]!.object}, byte ${from}`);
      throw new StoreError("io", "A part of the content is missing", {}, { cause });
    }
    const crc = offset === start ? 0 : undefined;
    const none = new Uint8Array();
    return this.#reading = { index, reader: stream.getReader(), offset, rest: none, crc };
  }

  #open(index: number, offset: number): Promise<ReadableStream<Uint8Array> | undefined> {
    const { start, size, object, from } = this.pieces[index]!;
    const skipped = offset - start;
    const { signal } = this.#aborter;
    return this.store.get(object, { from: from + skipped, length: size - skipped, signal });
  }

  #fetchBehind(index: number): void {
    const behind = this.pieces[index + 1];
    if (behind === undefined || this.#next !== undefined) return;
    const stream = this.#open(index + 1, behind.start);
    stream.catch(() => {}); // the read that comes to it gets the error
    this.#next = { index: index + 1, stream };
  }

  #stop(): void {
    this.#reading?.reader.cancel().catch(() => {});
    this.#next?.stream.then((stream) => stream?.cancel()).catch(() => {});
    this.#reading = this.#next = undefined;
  }

  #indexAt(offset: number): number {
    let [low, high] = [0, this.pieces.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.pieces[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function damaged(how: string): StoreError {
  const reason = () => `The content in the object store is damaged: ${how}`;
  return new StoreError("checksum", "The content is damaged", {}, { reason });
}
