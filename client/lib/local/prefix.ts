import { sleep } from "../common/sleep.ts";
import { createHash, type Hash } from "node:crypto";

const STEP_BYTES = 16 * 1024 * 1024;
const MARKS = 64;
const BUFFER_BYTES = 256 * 1024;

/** Source of a prefix. */
export interface Prefixed {
  /** Fills `into` from the current offset on. @returns bytes, fewer only at the end */
  read(into: Uint8Array): number | Promise<number>;
  /** Goes to an offset in bytes. */
  seek(offset: number): void;
}

/**
 * The running SHA-256 of a file that is being sent. It keeps its state at some offsets, so that
 * after a lost connection the digest of a prefix is found without hashing from the beginning.
 */
export class PrefixHash {
  #hash = createHash("sha256");
  #offset = 0;
  #marks: { offset: number; hash: Hash }[] = [];

  /** Number of bytes hashed. */
  get offset(): number {
    return this.#offset;
  }

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    const before = this.#offset;
    this.#offset += bytes.length;
    if (Math.floor(before / STEP_BYTES) === Math.floor(this.#offset / STEP_BYTES)) return;
    this.#marks.push({ offset: this.#offset, hash: this.#hash.copy() });
    if (this.#marks.length > MARKS) this.#marks.shift();
  }

  /** SHA-256 in hex of the bytes added until now; more may follow. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /**
   * Seeks to `offset`, reading again from the nearest kept state. Afterwards the source is at
   * `offset`.
   *
   * @returns whether the source has that many bytes
   */
  async goTo(offset: number, source: Prefixed, signal?: AbortSignal): Promise<boolean> {
    this.#marks = this.#marks.filter((mark) => mark.offset <= offset);
    const mark = this.#marks.at(-1);
    if (this.#offset > offset) {
      this.#hash = mark?.hash.copy() ?? createHash("sha256");
      this.#offset = mark?.offset ?? 0;
    }
    source.seek(this.#offset);
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (let turn = 1; this.#offset < offset; turn++) {
      const read = source.read(buffer.subarray(0, Math.min(BUFFER_BYTES, offset - this.#offset)));
      const count = typeof read === "number" ? read : await read;
      if (count === 0) return false;
      this.update(buffer.subarray(0, count));
      // Others get their turn: replies, Ctrl-C, the progress bar.
      if (turn % 64 === 0) await sleep(0);
      if (signal?.aborted) return false;
    }
    return true;
  }
}
