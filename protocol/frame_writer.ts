import { type BufferPool, buffers, IDLE_BYTES, type PooledBuffer } from "../buffers/pool.ts";
import { type ByteSink, FrameKind, HEADER_BYTES, putHeader, writeAll } from "./frame.ts";

const encoder = new TextEncoder();
const BATCH_BYTES = 64 * 1024;
/** A batch begins as large as the one before it was, up to this. */
const MAX_FIRST_BATCH_BYTES = 4 * BATCH_BYTES;

/**
 * Writes frames to a byte stream. Small frames are gathered until `flush()`, so that many replies
 * or requests share one TLS record; large ones pass through without a copy. Between batches it
 * holds no buffer.
 */
export class FrameWriter {
  readonly #sink: ByteSink;
  readonly #pool: BufferPool;
  #batch: Batch | undefined;
  #length = 0;
  #lastBytes = IDLE_BYTES;

  constructor(sink: ByteSink, pool: BufferPool = buffers) {
    this.#sink = sink;
    this.#pool = pool;
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
    const batch = this.#reserve(HEADER_BYTES + text.length * 3);
    const at = this.#length;
    const { written } = encoder.encodeInto(text, batch.subarray(at + HEADER_BYTES));
    putHeader(batch, at, FrameKind.json, written);
    this.#length = at + HEADER_BYTES + written;
  }

  /** Gathers a small DATA frame; `bytes` are copied. */
  smallData(bytes: Uint8Array): void {
    const batch = this.#reserve(HEADER_BYTES + bytes.length);
    putHeader(batch, this.#length, FrameKind.data, bytes.length);
    batch.set(bytes, this.#length + HEADER_BYTES);
    this.#length += HEADER_BYTES + bytes.length;
  }

  /**
   * Writes a large DATA frame at once, after all that was gathered.
   *
   * @param frame 8 bytes that the header is put into, followed by the payload; they are the
   * writer's until the promise settles
   */
  async data(frame: Uint8Array): Promise<void> {
    if (this.#length > 0) await this.flush();
    putHeader(frame, 0, FrameKind.data, frame.length - HEADER_BYTES);
    await writeAll(this.#sink, frame);
  }

  /** Writes all that was gathered. */
  async flush(): Promise<void> {
    const batch = this.#batch;
    if (batch === undefined) return;
    const bytes = batch.bytes.subarray(0, this.#length);
    this.#lastBytes = Math.min(bytes.length, MAX_FIRST_BATCH_BYTES);
    // Frames added during this write go into the next batch.
    this.#batch = undefined;
    this.#length = 0;
    try {
      await writeAll(this.#sink, bytes);
    } finally {
      batch.release?.();
    }
  }

  #reserve(bytes: number): Uint8Array {
    const wanted = this.#length + bytes;
    const before = this.#batch;
    if (before !== undefined && wanted <= before.bytes.length) return before.bytes;
    const size = before === undefined
      ? Math.max(wanted, this.#lastBytes)
      : Math.max(wanted, before.bytes.length * 2);
    // Replies must leave even if the budget is used up: a batch that exceeds it is allocated.
    const next: Batch = this.#pool.tryTake(size) ?? { bytes: new Uint8Array(wanted) };
    if (before !== undefined) {
      next.bytes.set(before.bytes.subarray(0, this.#length));
      before.release?.();
    }
    this.#batch = next;
    return next.bytes;
  }
}

/** Where frames are gathered: a buffer of the pool, or one of its own beyond the budget. */
type Batch = Pick<PooledBuffer, "bytes"> & Partial<Pick<PooledBuffer, "release">>;
