import { type ClientError, Interrupted, isRetryable } from "./error.ts";
import { sleep } from "./sleep.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** How failed tries are repeated. */
export interface RetryPolicy {
  /** Tries after the first one that may fail in a row without any progress. */
  retries: number;
  /** Ends the tries. */
  signal?: AbortSignal | undefined;
  /** Called before each pause. */
  onRetry?(error: ClientError, attempt: number, pauseMs: number): void;
}

/** Counts tries in a row without progress, and pauses longer before each next one. */
export class Retry {
  #failed = 0;
  constructor(readonly policy: RetryPolicy) {}

  /** Something new was achieved: the next failure counts as the first. */
  progressed(): void {
    this.#failed = 0;
  }

  /**
   * Pauses before another attempt.
   *
   * @throws the error itself if a retry cannot help or no attempts are left
   */
  async pause(error: unknown): Promise<void> {
    if (this.policy.signal?.aborted) throw new Interrupted();
    if (!isRetryable(error) || this.#failed >= this.policy.retries) throw error;
    const grown = FIRST_PAUSE_MS * 2 ** this.#failed++;
    const advisedMs = Number(error.data.retry_after_ms);
    const pauseMs = Math.min(
      Math.max(grown * (0.75 + Math.random() / 2), Number.isFinite(advisedMs) ? advisedMs : 0),
      LONGEST_PAUSE_MS,
    );
    this.policy.onRetry?.(error, this.#failed, Math.round(pauseMs));
    await sleep(pauseMs, this.policy.signal);
    if (this.policy.signal?.aborted) throw new Interrupted();
  }
}
