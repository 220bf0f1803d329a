/** Places for connections, over all doors of a worker, counted in memory that all workers share. */
import type { Place } from "./door_limits.ts";

/**
 * How long a connection has to log in before it can lose its place to a new one, ms. It keeps the
 * place longer where no one needs it.
 */
export const STRANGER_MS = 3000;
/** How long the maximum stays lowered after descriptors ran out, ms. */
const SCARCE_MS = 60_000;
/** Minimum of connections that are admitted, even with few descriptors. */
const MIN_PLACES = 16;

/** A connection without a login. */
interface Stranger {
  readonly sinceMs: number;
  readonly giveUp: () => void;
}

/** Maximum of simultaneous connections, over all workers. */
export interface PlaceLimits {
  /** Connections to the doors' ports. */
  readonly connections: () => number;
  /** The same together with data connections: each has a descriptor. @default no limit */
  readonly descriptors?: number;
}

/** Counts connections, and decides which one is closed where there is no place for a new one. */
export class Places {
  readonly #counts: Int32Array;
  /** The oldest first. */
  readonly #strangers = new Set<Stranger>();
  #scarce = Infinity;
  #scarceUntilMs = 0;

  /**
   * @param counter two counts for each worker (`connectionCounter`): connections, and those for
   * data
   * @param cell index of this worker's counts
   * @param clock monotonic, in milliseconds
   */
  constructor(
    counter: SharedArrayBuffer,
    private readonly cell: number,
    private readonly limits: PlaceLimits,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#counts = new Int32Array(counter);
  }

  /**
   * Takes a place for a connection that was just accepted. Where all are taken, the oldest
   * connection without a login is closed for it, if that has had its time.
   *
   * @param end closes the connection
   */
  take(end: () => void): Place | { readonly admitted: false; readonly reason: "full" } {
    const release = this.#count(2 * this.cell, () => this.#hasRoom() || this.#makeRoom());
    if (release === undefined) return { admitted: false, reason: "full" };
    let held = true;
    const leave = () => {
      held = false;
      release();
      this.#strangers.delete(stranger);
    };
    const giveUp = () => {
      leave();
      end();
    };
    let stranger: Stranger = { sinceMs: this.clock(), giveUp };
    this.#strangers.add(stranger);
    return {
      admitted: true,
      release: leave,
      setIdentified: (identified) => {
        this.#strangers.delete(stranger);
        if (identified || !held) return;
        stranger = { sinceMs: this.clock(), giveUp };
        this.#strangers.add(stranger);
      },
    };
  }

  /**
   * Takes a place for a data connection, in the same way.
   *
   * @returns gives it back, once; undefined where there is none
   */
  takeForData(): (() => void) | undefined {
    return this.#count(2 * this.cell + 1, () => !this.#lacksDescriptors() || this.#makeRoom());
  }

  /**
   * Records that the process has no descriptor for a new connection: fewer connections are admitted
   * for a minute, and connections without a login are closed down to that number.
   */
  relieve(): void {
    const total = this.#total(0) + this.#total(1);
    this.#scarce = Math.max(MIN_PLACES, total - Math.max(8, total >> 3));
    this.#scarceUntilMs = this.clock() + SCARCE_MS;
    while (this.#lacksDescriptors() && this.#makeRoom());
  }

  /** Counted first and given back: two workers at the last place must not both take it. */
  #count(index: number, check: () => boolean): (() => void) | undefined {
    Atomics.add(this.#counts, index, 1);
    let held = true;
    const release = () => {
      if (held) Atomics.sub(this.#counts, index, 1);
      held = false;
    };
    if (check()) return release;
    release();
    return undefined;
  }

  #makeRoom(): boolean {
    const [oldest] = this.#strangers;
    if (oldest === undefined || this.clock() - oldest.sinceMs < STRANGER_MS) return false;
    oldest.giveUp();
    return true;
  }

  #hasRoom(): boolean {
    return this.#total(0) <= this.limits.connections() && !this.#lacksDescriptors();
  }

  #lacksDescriptors(): boolean {
    const { descriptors = Infinity } = this.limits;
    const scarce = this.clock() < this.#scarceUntilMs ? this.#scarce : Infinity;
    const limit = Math.min(descriptors, scarce);
    return limit < Infinity && this.#total(0) + this.#total(1) > limit;
  }

  /**
   * A cell below 0 is one that a failed worker gave connections back to after it was cleared.
   *
   * @param kind 0 for connections, 1 for those for data
   */
  #total(kind: 0 | 1): number {
    let sum = 0;
    for (let at = kind; at < this.#counts.length; at += 2) {
      sum += Math.max(0, Atomics.load(this.#counts, at));
    }
    return sum;
  }
}
