import { delay } from "@std/async";
import { isTransient, Refusal } from "./failures.ts";

/** How often and how long a request is tried. */
export interface RetryOptions {
  /** Most tries. */
  readonly tries: number;
  /** No other try begins later than this after the first, ms. */
  readonly limitMs: number;
  /** Longest pause before the second try, ms; it doubles with each one. */
  readonly pauseMs: number;
}

/** Retries that outlast a restart of the store, also where it refuses each connection at once. */
export const RETRIES: RetryOptions = { tries: Infinity, limitMs: 60_000, pauseMs: 100 };
/** Retries of a start, whose operator waits for the reason of a failure. */
export const START_RETRIES: RetryOptions = { ...RETRIES, tries: 8 };

/** Longest pause between two tries, ms. */
const MAX_PAUSE_MS = 5000;

/**
 * Calls `attempt` until it succeeds, fails for good, or was called often enough. Pauses are random
 * ("full jitter"), so that the clients of a store that comes back do not call it all at once.
 *
 * @param attempt gets the number of the try, from 0
 * @param signal ends the pauses
 * @throws the last error
 */
export async function withRetries<T>(
  attempt: (index: number) => Promise<T>,
  { tries, limitMs, pauseMs }: RetryOptions,
  signal: AbortSignal,
): Promise<T> {
  const startMs = performance.now();
  for (let index = 0;; index++) {
    try {
      return await attempt(index);
    } catch (error) {
      const asked = error instanceof Refusal ? error.retryAfterMs ?? 0 : 0;
      const longest = Math.min(pauseMs * 2 ** index, MAX_PAUSE_MS);
      const waitMs = asked + Math.random() * longest;
      const isLate = performance.now() - startMs + waitMs > limitMs;
      if (!isTransient(error) || index + 1 >= tries || isLate || signal.aborted) throw error;
      await delay(waitMs, { signal });
    }
  }
}
