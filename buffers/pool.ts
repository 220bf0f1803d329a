/** Buffers of transfers, lent and counted: one is used again only once all have given it back. */

/**
 * A claim on a buffer of the pool: the pool reuses its bytes only after every holder has released
 * them.
 */
export interface Lease {
  /** Holds the bytes as they are until one more {@linkcode Lease.release}. */
  retain(): void;
  /** Gives them back: the caller, and what it passed them to, use them no more. */
  release(): void;
}

/** Bytes on loan. */
export interface LentBytes extends Lease {
  /** As they are until the last holder releases them. */
  readonly bytes: Uint8Array;
}

/** The lease of bytes that were allocated for one use: nothing else ever writes to them. */
export const OWN: Lease = { retain() {}, release() {} };

/** Bytes that a connection keeps while it waits for its next request. */
export const IDLE_BYTES = 4 * 1024;
/** Up to this many bytes a buffer is always granted: with it, every transfer goes on. */
export const BASE_BYTES = 32 * 1024;
/** The largest buffer that is granted for a single message, in bytes: 1 MiB and its header. */
export const MESSAGE_BYTES = 1024 * 1024 + 4096;

/** Bytes that buffers above {@linkcode BASE_BYTES} may take in all. */
const BUDGET_BYTES = 96 * 1024 * 1024;
/** Large messages that may come in at once. */
const MAX_MESSAGES = 32;
/** Bytes of unused buffers that are kept for the next transfers. */
const SPARE_BYTES = 8 * 1024 * 1024;

/** How a {@linkcode BufferPool} is bounded; tests set their own bounds. */
export interface PoolOptions {
  /** Bytes of all lent buffers above {@linkcode BASE_BYTES}. @default 96 MiB */
  budgetBytes?: number;
  /** Buffers of {@linkcode MESSAGE_BYTES} that may be lent at once. @default 32 */
  maxMessages?: number;
  /** Bytes of unused buffers that are kept. @default 8 MiB */
  spareBytes?: number;
}

/** Bytes with a count of holders: the caller that took them, and each that retained them. */
export class CountedBytes<T extends Uint8Array> implements LentBytes {
  #holders = 1;

  /** @param back called once, when the last holder has released them */
  constructor(readonly bytes: T, readonly back: (bytes: T) => void) {}

  /** Whether others than the caller, who holds it, hold it too. */
  get shared(): boolean {
    return this.#holders > 1;
  }

  retain(): void {
    if (this.#holders === 0) throw new Error("A buffer was used after it was given back");
    this.#holders++;
  }

  release(): void {
    if (this.#holders === 0) throw new Error("A buffer was given back twice");
    if (--this.#holders === 0) this.back(this.bytes);
  }

  /** The first `length` bytes, for the same holders. */
  first(length: number): LentBytes {
    return {
      bytes: this.bytes.subarray(0, length),
      retain: () => this.retain(),
      release: () => this.release(),
    };
  }
}

/** Bytes of an array that the caller allocates, counted against the budget. */
export interface Room {
  readonly bytes: number;
  /** The array is gone, or will be soon; more than one call counts as one. */
  release(): void;
}

/** A buffer of a {@linkcode BufferPool}. */
export type PooledBuffer = CountedBytes<Uint8Array<ArrayBuffer>>;

/**
 * Lends buffers within a budget. Where the budget is used up, transfers get small buffers instead
 * of large ones and slow down; no holder of a counted buffer waits for another, so
 * that transfers cannot wait for each other.
 */
export class BufferPool {
  /** For tests: overwrites what is given back, so that a late use is seen in what it reads. */
  poisons = false;

  readonly #budgetBytes: number;
  readonly #maxSpareBytes: number;
  readonly #spare = new Map<number, Uint8Array<ArrayBuffer>[]>();
  readonly #waiting: (() => void)[] = [];
  #lentBytes = 0;
  #spareBytes = 0;
  #messagesLeft: number;

  constructor(options: PoolOptions = {}) {
    this.#budgetBytes = options.budgetBytes ?? BUDGET_BYTES;
    this.#maxSpareBytes = options.spareBytes ?? SPARE_BYTES;
    this.#messagesLeft = options.maxMessages ?? MAX_MESSAGES;
  }

  /** Bytes of the lent buffers that count against the budget. */
  get lentBytes(): number {
    return this.#lentBytes;
  }

  /**
   * A buffer of at least `bytes`, rounded up to a power of two, uninitialised;
   * undefined where the budget has no room for it.
   */
  tryTake(bytes: number): PooledBuffer | undefined {
    const size = sizeFor(bytes);
    if (size <= BASE_BYTES) return new CountedBytes(this.#buffer(size), this.#giveBack);
    if (this.#lentBytes + size > this.#budgetBytes) return undefined;
    this.#lentBytes += size;
    return new CountedBytes(this.#buffer(size), this.#giveBackCounted);
  }

  /** As large a buffer as the budget allows: at least `bytes`, or {@linkcode BASE_BYTES}. */
  take(bytes: number): PooledBuffer {
    return this.tryTake(bytes) ?? this.tryTake(BASE_BYTES)!;
  }

  /**
   * Counts an array that the caller allocates itself, since others keep it for a time of their own:
   * as large as the budget allows, at least `bytes` or {@linkcode BASE_BYTES}.
   */
  room(bytes: number): Room {
    const counted = bytes > BASE_BYTES && this.#lentBytes + bytes <= this.#budgetBytes;
    if (!counted) return { bytes: Math.min(bytes, BASE_BYTES), release() {} };
    this.#lentBytes += bytes;
    let open = true;
    return {
      bytes,
      release: () => {
        if (open) this.#lentBytes -= bytes;
        open = false;
      },
    };
  }

  /** Waits for a buffer of {@linkcode MESSAGE_BYTES}: its holder needs no other to go on. */
  async takeForMessage(): Promise<PooledBuffer> {
    if (this.#messagesLeft > 0) this.#messagesLeft--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return new CountedBytes(this.#buffer(MESSAGE_BYTES), this.#giveBackMessage);
  }

  #buffer(size: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare.get(size)?.pop();
    if (spare === undefined) return new Uint8Array(size);
    this.#spareBytes -= size;
    return spare;
  }

  readonly #giveBack = (bytes: Uint8Array<ArrayBuffer>): void => {
    const size = bytes.length;
    if (this.poisons) bytes.fill(POISON);
    if (this.#spareBytes + size > this.#maxSpareBytes) return free(bytes);
    let spare = this.#spare.get(size);
    if (spare === undefined) this.#spare.set(size, spare = []);
    spare.push(bytes);
    this.#spareBytes += size;
  };

  readonly #giveBackCounted = (bytes: Uint8Array<ArrayBuffer>): void => {
    this.#lentBytes -= bytes.length;
    this.#giveBack(bytes);
  };

  readonly #giveBackMessage = (bytes: Uint8Array<ArrayBuffer>): void => {
    this.#giveBack(bytes);
    const next = this.#waiting.shift();
    if (next === undefined) this.#messagesLeft++;
    else next();
  };
}

/** The pool of this process, or of this worker of the server. */
export const buffers = new BufferPool();

const POISON = 0xdb;
/** Smaller buffers are not freed early: freeing one costs more than the memory it returns. */
const MIN_FREED_BYTES = 8 * 1024;

/**
 * Frees memory that nothing uses any more at once, instead of at the next garbage collection.
 * A view of something larger is left alone.
 */
export function free(bytes: Uint8Array): void {
  if (bytes.length < MIN_FREED_BYTES) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0);
}

function sizeFor(bytes: number): number {
  let size = IDLE_BYTES;
  while (size < bytes) size *= 2;
  return size;
}
