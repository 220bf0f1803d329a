/** Places for connections, over all doors of a worker, counted in memory that all workers share. */
import type { Admission } from "./door.ts";

/**
 * How long a connection has to log in before it can lose its place to a new one, ms. It keeps the
 * place longer where nobody needs it.
 */
export const STRANGER_MS = 3000;
/** How long the limit stays lowered after descriptors ran out, ms. */
const SCARCE_MS = 60_000;
/** Least connections that are admitted, however few descriptors there are. */
const MIN_PLACES = 16;

/** A connection without a login. */
interface Stranger {
  readonly sinceMs: number;
  readonly giveUp: () => void;
}

/** Counts connections, and decides which one is closed where there is no place for a new one. */
export class Places {
  readonly #counts: Int32Array;
  /** The oldest first. */
  readonly #strangers = new Set<Stranger>();
  #scarce = Infinity;
  #scarceUntilMs = 0;

  /**
   * @param counter a count for each worker (`connectionCounter`)
   * @param cell where this worker counts
   * @param max connections at once over all workers
   * @param clock monotonic, in milliseconds
   */
  constructor(
    counter: SharedArrayBuffer,
    private readonly cell: number,
    private readonly max: () => number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#counts = new Int32Array(counter);
  }

  /**
   * Takes a place for a connection that was just accepted. Where all are taken, the oldest
   * connection without a login is closed for it, if that has had its time.
   *
   * @param end closes the connection
   * @param closable false where closing gives no descriptor back before `setIdentified` was called
   */
  take(end: () => void, closable = true): Admission {
    // Counted first and given back: two workers at the last place must not both take it.
    Atomics.add(this.#counts, this.cell, 1);
    if (this.#total() > this.#limit() && !this.#makeRoom()) {
      Atomics.sub(this.#counts, this.cell, 1);
      return { admitted: false, reason: "full" };
    }
    let held = true;
    const release = () => {
      if (held) Atomics.sub(this.#counts, this.cell, 1);
      held = false;
      this.#strangers.delete(stranger);
    };
    const giveUp = () => {
      release();
      end();
    };
    let stranger: Stranger = { sinceMs: this.clock(), giveUp };
    if (closable) this.#strangers.add(stranger);
    return {
      admitted: true,
      release,
      setIdentified: (identified) => {
        this.#strangers.delete(stranger);
        if (identified || !held) return;
        stranger = { sinceMs: this.clock(), giveUp };
        this.#strangers.add(stranger);
      },
    };
  }

  /**
   * Notes that the process has no descriptor left for what it was about to accept: fewer
   * connections are admitted for a minute, and strangers are closed down to that number.
   */
  relieve(): void {
    const total = this.#total();
    this.#scarce = Math.max(MIN_PLACES, total - Math.max(8, total >> 3));
    this.#scarceUntilMs = this.clock() + SCARCE_MS;
    while (this.#total() > this.#scarce && this.#makeRoom());
  }

  #makeRoom(): boolean {
    const [oldest] = this.#strangers;
    if (oldest === undefined || this.clock() - oldest.sinceMs < STRANGER_MS) return false;
    oldest.giveUp();
    return true;
  }

  #limit(): number {
    return this.clock() < this.#scarceUntilMs ? Math.min(this.max(), this.#scarce) : this.max();
  }

  /** A cell below 0 is one that a failed worker gave connections back to after it was cleared. */
  #total(): number {
    let sum = 0;
    for (let at = 0; at < this.#counts.length; at++) {
      sum += Math.max(0, Atomics.load(this.#counts, at));
    }
    return sum;
  }
}
