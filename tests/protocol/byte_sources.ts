/** Byte streams for tests of frames. */
import { concat } from "@std/bytes";
import type { ByteSink, ByteSource } from "../../protocol/frame.ts";

/** Gives the bytes of `chunks` one chunk at a time, then ends or fails. */
export class ChunkSource implements ByteSource {
  /** Largest buffer that a reader offered: what it had allocated by then. */
  largestBuffer = 0;
  /** How often it was read. */
  reads = 0;
  #chunks: Uint8Array[];

  constructor(chunks: Iterable<Uint8Array>, private readonly failure?: Error) {
    this.#chunks = [...chunks].filter((chunk) => chunk.length > 0);
  }

  read(into: Uint8Array): Promise<number | null> {
    this.reads++;
    this.largestBuffer = Math.max(this.largestBuffer, into.buffer.byteLength);
    const chunk = this.#chunks[0];
    if (!chunk) return this.failure ? Promise.reject(this.failure) : Promise.resolve(null);
    const count = Math.min(into.length, chunk.length);
    into.set(chunk.subarray(0, count));
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    return Promise.resolve(count);
  }
}

/** Takes at most `most` bytes at a time, and keeps them. */
export class SlowSink implements ByteSink {
  readonly #taken: number[] = [];

  constructor(private readonly most = Infinity) {}

  write(bytes: Uint8Array): Promise<number> {
    const count = Math.min(bytes.length, this.most);
    for (const byte of bytes.subarray(0, count)) this.#taken.push(byte);
    return Promise.resolve(count);
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#taken);
  }
}

/** Cuts bytes into pieces at the given places. */
export function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

/** A frame's bytes on the wire, with any header. */
export function frame(kind: number, payload: Uint8Array, length = BigInt(payload.length)) {
  const header = new Uint8Array(8);
  new DataView(header.buffer).setBigUint64(0, length);
  header[0] = kind;
  return concat([header, payload]);
}
