/** How long nothing must have run in this process for it to count as frozen, ms. */
const FROZEN_MS = 3_000;
/** How often it is noted that it runs, ms. */
const TICK_MS = 250;
/** How long after a freeze requests are read that may have come during it, ms. */
const THAW_MS = 1_000;

/**
 * Notices that this process was frozen: stopped by a signal, or its machine stood still. Requests
 * that it reads then may be as old as the freeze, and their clients may have gone on elsewhere.
 */
export class Freezes {
  #seenMs = -Infinity;
  #seen = 0;
  #since = 0;
  #thawedMs = -Infinity;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param clock the clock that all nodes share */
  constructor(private readonly clock: { now(): number }) {}

  /** Watches until {@linkcode Freezes.end}; it does not keep the process. */
  begin(): void {
    this.#note();
    this.#timer ??= setInterval(() => this.#look(), TICK_MS);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** What the clock showed when a request may have come that is read now; undefined: it came now. */
  asked(): number | undefined {
    this.#look();
    return performance.now() - this.#thawedMs < THAW_MS ? this.#since : undefined;
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#seenMs > FROZEN_MS) [this.#since, this.#thawedMs] = [this.#seen, nowMs];
    this.#note();
  }

  #note(): void {
    this.#seenMs = performance.now();
    this.#seen = this.clock.now();
  }
}
