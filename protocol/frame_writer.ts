import { type ByteSink, FrameKind, HEADER_BYTES, putHeader, writeAll } from "./frame.ts";

const encoder = new TextEncoder();
const FIRST_BATCH_BYTES = 4096;
const BATCH_BYTES = 64 * 1024;
/** A batch that grew beyond this is not kept. */
const MOST_KEPT_BYTES = 4 * BATCH_BYTES;

/**
 * Writes frames to a byte stream. Small frames are gathered until `flush()`, so that many replies
 * or requests share one TLS record; large ones pass through without a copy.
 */
export class FrameWriter {
  readonly #sink: ByteSink;
  #batch = new Uint8Array(FIRST_BATCH_BYTES);
  #length = 0;
  /** A batch that was written, to be filled again. */
  #spare: Uint8Array<ArrayBuffer> | undefined;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Bytes gathered and not yet written. */
  get pending(): number {
    return this.#length;
  }

  /** Whether enough is gathered that it should be flushed before more is added. */
  get full(): boolean {
    return this.#length >= BATCH_BYTES;
  }

  /** Gathers a JSON frame. */
  json(message: unknown): void {
    const text = JSON.stringify(message);
    // One UTF-16 unit is at most three bytes of UTF-8.
    this.#reserve(HEADER_BYTES + text.length * 3);
    const at = this.#length;
    const { written } = encoder.encodeInto(text, this.#batch.subarray(at + HEADER_BYTES));
    putHeader(this.#batch, at, FrameKind.json, written);
    this.#length = at + HEADER_BYTES + written;
  }

  /** Gathers a small DATA frame; `bytes` may be reused at once. */
  smallData(bytes: Uint8Array): void {
    this.#reserve(HEADER_BYTES + bytes.length);
    putHeader(this.#batch, this.#length, FrameKind.data, bytes.length);
    this.#batch.set(bytes, this.#length + HEADER_BYTES);
    this.#length += HEADER_BYTES + bytes.length;
  }

  /**
   * Writes a large DATA frame at once, after all that was gathered.
   *
   * @param frame 8 bytes that the header is put into, followed by the payload; may be reused once
   * the promise resolves
   */
  async data(frame: Uint8Array): Promise<void> {
    if (this.#length > 0) await this.flush();
    putHeader(frame, 0, FrameKind.data, frame.length - HEADER_BYTES);
    await writeAll(this.#sink, frame);
  }

  /** Writes all that was gathered. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const full = this.#batch;
    const bytes = full.subarray(0, this.#length);
    // What is added while this write is under way goes into a batch of its own.
    this.#batch = this.#spare ?? new Uint8Array(FIRST_BATCH_BYTES);
    this.#spare = undefined;
    this.#length = 0;
    await writeAll(this.#sink, bytes);
    if (full.length <= MOST_KEPT_BYTES) this.#spare = full;
  }

  #reserve(bytes: number): void {
    const wanted = this.#length + bytes;
    if (wanted <= this.#batch.length) return;
    const larger = new Uint8Array(Math.max(wanted, this.#batch.length * 2));
    larger.set(this.#batch.subarray(0, this.#length));
    this.#batch = larger;
  }
}
