import { sleep } from "./sleep.ts";

/** Bounds the bytes per second of all transfers together (a token bucket of a quarter second). */
export class RateLimit {
  readonly #bytesPerMs: number;
  #nextFree = 0;

  /** @param bytesPerSecond at least 1 */
  constructor(readonly bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Bytes to move at once, so that pauses stay short: a quarter second's worth, within 1–256 KiB. */
  get chunkBytes(): number {
    return Math.max(1024, Math.min(256 * 1024, Math.floor(this.bytesPerSecond / 4)));
  }

  /** Resolves once `bytes` more may pass, or the signal comes. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const begin = Math.max(this.#nextFree, now - 250);
    this.#nextFree = begin + bytes / this.#bytesPerMs;
    const pause = this.#nextFree - now;
    if (pause > 0) await sleep(pause, signal);
  }
}
