/**
 * The order in which content arrived at the server: each upload takes a number when its last byte
 * has arrived. An upload with a slow disk may be published long after a later one was acknowledged;
 * the numbers show the catalog that it must not replace the later one (docs/storage.md, "Late
 * uploads"). Renames and removals take numbers too.
 *
 * The workers of one server count in shared memory, starting above all numbers that earlier starts
 * may have used according to the catalog; no clock is involved. The nodes of a cluster number by a
 * clock that they share.
 */
import type { MarkBook } from "./books/mark_book.ts";

/** Size of the range that the catalog reserves at once: no start uses up so many. */
const RANGE = 2 ** 34;

/** A point in the order of arrivals. */
export interface Moment {
  /** The number that had been taken last. */
  readonly last: number;
  /** The monotonic clock, ms. */
  readonly atMs: number;
}

/** A time in which this server stood still, and others of its cluster may have gone on. */
export interface Freeze {
  /** The number that had been taken last before it. */
  readonly last: number;
  /** Its bounds by the monotonic clock, ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** How long after a freeze requests are read that may have come during it, ms. */
const THAW_MS = 3_000;

/** Numbers that only grow, over all workers and starts. */
export class Arrivals {
  #counter: BigInt64Array;
  #clock: (() => number) | undefined;
  #freeze: (() => Freeze | undefined) | undefined;

  /** @param counter memory of 8 bytes, which workers may share */
  constructor(counter: ArrayBufferLike = new SharedArrayBuffer(8)) {
    this.#counter = new BigInt64Array(counter);
  }

  /** Continues in memory that other workers count in. */
  use(counter: SharedArrayBuffer): void {
    this.#counter = new BigInt64Array(counter);
  }

  /** The number that was given last. */
  get last(): number {
    return Number(Atomics.load(this.#counter, 0));
  }

  /** This moment. */
  now(): Moment {
    return { last: this.lastNow(), atMs: performance.now() };
  }

  /** The number that was given last, also by the clock of several servers. */
  lastNow(): number {
    if (this.#clock !== undefined) this.#raise(this.#clock());
    return this.last;
  }

  /**
   * Takes numbers from a clock that several servers share, as far as it is ahead.
   *
   * @param clock returns numbers of at most 2^53−1 that never go back
   * @param freeze returns the latest time in which this server stood still
   * @returns ends it
   */
  follow(clock: () => number, freeze?: () => Freeze | undefined): () => void {
    this.#clock = clock;
    this.#freeze = freeze;
    return () => {
      if (this.#clock === clock) this.#clock = this.#freeze = undefined;
    };
  }

  /**
   * The number that had been taken last when a request may have come that is read now: before now,
   * where this server was frozen until just now.
   */
  asked(): number {
    const { last } = this.now();
    const { freeze } = this;
    const isOld = freeze !== undefined && performance.now() - freeze.toMs < THAW_MS;
    return isOld ? Math.min(last, freeze.last) : last;
  }

  /** The latest time in which this server stood still, of those that matter to several servers. */
  get freeze(): Freeze | undefined {
    return this.#freeze?.();
  }

  /** A number above all earlier ones. */
  next(): number {
    if (this.#clock !== undefined) this.#raise(this.#clock());
    return Number(Atomics.add(this.#counter, 0, 1n)) + 1;
  }

  /**
   * Makes sure that numbers are above all that the catalog holds from earlier starts, and that a
   * later start begins above those of this one. Called before the first number is taken.
   */
  async reserve(marks: MarkBook): Promise<void> {
    if (this.#clock !== undefined) return; // its numbers are above those of earlier starts
    const end = await marks.get("arrivals") ?? RANGE;
    const isOurs = this.last > 0 && this.last >= end - RANGE;
    if (isOurs && this.last < end - RANGE / 2) return;
    if (!isOurs) this.#raise(end);
    await marks.set("arrivals", Math.max(this.last, end) + RANGE);
  }

  #raise(least: number): void {
    for (let last = this.last; last < least; last = this.last) {
      Atomics.compareExchange(this.#counter, 0, BigInt(last), BigInt(least));
    }
  }
}

/** The order of this process, or of this worker and those that it shares its memory with. */
export const arrivals = new Arrivals();
