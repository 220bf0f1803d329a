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

/**
 * The clock that all nodes share: the database's, which never goes back, also after another server
 * took its place. It is estimated from readings, to half the time of the quickest one: less than a
 * publication takes, so numbers by it are in the order in which clients could see the results.
 */
export class ClusterClock {
  #best: Reading | undefined;

  /**
   * Takes a reading.
   *
   * @param micros the database's time, µs since the Unix epoch
   * @param sentMs when it was asked, by `performance.now()`
   * @param receivedMs when the answer came
   */
  adjust(micros: number, sentMs: number, receivedMs: number): void {
    const errorMs = (receivedMs - sentMs) / 2;
    const best = this.#best;
    const bestErrorMs = best && best.errorMs + (receivedMs - best.atMs) * DRIFT;
    if (bestErrorMs !== undefined && bestErrorMs < errorMs) return;
    const offset = micros - (sentMs + errorMs) * 1000;
    this.#best = { offset, errorMs, atMs: receivedMs };
  }

  /** µs since the Unix epoch; 0 before the first reading. */
  now(): number {
    if (this.#best === undefined) return 0;
    return Math.floor(this.#best.offset + performance.now() * 1000);
  }
}
