/** How quick uploads are, from bytes counted over the last seconds. */

/** Window of the average: short enough to follow a change, long enough to be steady. */
const WINDOW_MS = 5000;
const MIN_MS = 500;

/** Takes the bytes as they go, and says how many a second. */
export class Rate {
  #samples: { atMs: number; bytes: number }[] = [];

  /** Adds `bytes` that have been sent. */
  add(bytes: number, nowMs: number): void {
    this.#samples.push({ atMs: nowMs, bytes });
    this.#forget(nowMs);
  }

  /** Bytes a second, or undefined before that can be said. */
  perSecond(nowMs: number): number | undefined {
    this.#forget(nowMs);
    const first = this.#samples[0];
    if (first === undefined) return undefined;
    const spanMs = nowMs - first.atMs;
    if (spanMs < MIN_MS) return undefined;
    // Bytes of the first sample were sent before the window began.
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, -first.bytes);
    return Math.max(0, bytes * 1000 / spanMs);
  }

  #forget(nowMs: number): void {
    const from = this.#samples.findIndex(({ atMs }) => atMs >= nowMs - WINDOW_MS);
    this.#samples = from < 0 ? [] : this.#samples.slice(from);
  }
}

/** Seconds until `left` bytes are through, or undefined where nothing moves. */
export function secondsLeft(left: number, perSecond: number | undefined): number | undefined {
  return perSecond === undefined || perSecond < 1 ? undefined : Math.ceil(left / perSecond);
}
