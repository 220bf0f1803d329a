/** How long other processes may wait to be noticed, ms. */
export const CATALOG_LAG_MS = 10;

/**
 * Numbers the spans of time in which what was read of accounts and tokens is held true: none lasts
 * longer than other processes may wait to be noticed, and each change by this one ends it.
 */
export class Epoch {
  #number = 0;
  #sinceMs = -Infinity;

  /** The number of the present one. */
  get now(): number {
    const nowMs = performance.now();
    if (nowMs - this.#sinceMs >= CATALOG_LAG_MS) this.end(nowMs);
    return this.#number;
  }

  /** Something was changed: nothing that was read before counts. */
  end(nowMs = performance.now()): void {
    this.#number++;
    this.#sinceMs = nowMs;
  }
}
