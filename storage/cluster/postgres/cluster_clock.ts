/** By how much an older reading counts as less exact, ms for each ms of its age: clocks drift apart. */
const DRIFT = 1e-4;

/** A reading of the database's clock. */
interface Reading {
  /** Database's time minus this process's running time, µs. */
  readonly offset: number;
  /** Half of the time that it took, ms: it is exact to this. */
  readonly errorMs: number;
  readonly atMs: number;
}

/** The clock was set forward, or this machine stood still. */
interface Jump {
  /** Time that the clock showed before, µs. */
  readonly before: number;
  /** By how much more it showed then, µs. */
  readonly by: number;
}

/** Jumps that are remembered. */
const MAX_JUMPS = 16;

/**
 * The clock that all nodes share: the database's, which never goes back, also after another server
 * took its place. It is estimated from readings, to half the time of the quickest one: less than a
 * publication takes, so numbers by it are in the order in which clients could see the results.
 */
export class ClusterClock {
  #best: Reading | undefined;
  #jumps: Jump[] = [];

  /**
   * Takes a reading. One that contradicts the earlier ones counts at once: the database's clock was
   * set, another server took its place, or this machine was suspended.
   *
   * @param micros the database's time, µs since the Unix epoch
   * @param sentMs when it was asked, by `performance.now()`
   * @param receivedMs when the answer came
   */
  adjust(micros: number, sentMs: number, receivedMs: number): void {
    const errorMs = (receivedMs - sentMs) / 2;
    const best = this.#best;
    const offset = micros - (sentMs + errorMs) * 1000;
    if (best !== undefined) {
      const bestErrorMs = best.errorMs + (receivedMs - best.atMs) * DRIFT;
      const by = offset - best.offset;
      const contradicts = Math.abs(by) > (errorMs + bestErrorMs) * 1000;
      if (!contradicts && bestErrorMs < errorMs) return;
      if (contradicts && by > 0) {
        this.#jumps = [...this.#jumps, { before: best.offset + receivedMs * 1000, by }]
          .slice(-MAX_JUMPS);
      }
    }
    this.#best = { offset, errorMs, atMs: receivedMs };
  }

  /** A time that this clock showed, as it shows it by what it knows now, µs. */
  corrected(shown: number): number {
    return this.#jumps.reduce((time, { before, by }) => time <= before ? time + by : time, shown);
  }

  /** µs since the Unix epoch; 0 before the first reading. */
  now(): number {
    if (this.#best === undefined) return 0;
    return Math.floor(this.#best.offset + performance.now() * 1000);
  }
}
