/** Time limits of one request to a content store, ms. */
export interface TimeLimits {
  /** Until the connection is open, TLS included. */
  readonly connectMs: number;
  /** From the last byte sent to the first byte of the reply. */
  readonly firstByteMs: number;
  /** Without a byte moved in either direction. */
  readonly silenceMs: number;
}

/** Limits that suit a store in the same network, and one behind a slow line. */
export const TIME_LIMITS: TimeLimits = { connectMs: 5000, firstByteMs: 30_000, silenceMs: 20_000 };

/** The error of a wait that was longer than its limit. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/** One timer, restarted for each wait of a request. */
export class WaitTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** @param onLimit called once, when a wait was too long */
  constructor(private readonly onLimit: (why: TimeLimitError) => void) {}

  /**
   * Begins the next wait, which ends the one before.
   *
   * @param waitsFor completes "… for N s"
   */
  wait(ms: number, waitsFor: string): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    this.#timer = setTimeout(() => {
      this.end();
      this.onLimit(new TimeLimitError(`${waitsFor} for ${ms / 1000} s`));
    }, ms);
  }

  /** Ends the wait; another one may begin. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the wait; no other one begins. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}
