import type { Freeze } from "../../contract/arrivals.ts";

/** How long nothing must have run in this process for it to count as frozen, ms. */
const FROZEN_MS = 3_000;
/** How often it is noted that it runs, ms. */
const TICK_MS = 250;

/**
 * Notices that this process was frozen: stopped by a signal, or its machine stood still. Requests
 * that it reads then may be as old as the freeze, and their clients may have gone on elsewhere.
 */
export class Freezes {
  #seenMs = Infinity;
  #seen = 0;
  #latest: Freeze | undefined;
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

  /** The latest freeze. */
  get latest(): Freeze | undefined {
    this.#look();
    return this.#latest;
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#seenMs > FROZEN_MS) {
      this.#latest = { last: this.#seen, fromMs: this.#seenMs, toMs: nowMs };
    }
    this.#note();
  }

  #note(): void {
    this.#seenMs = performance.now();
    this.#seen = this.clock.now();
  }
}
