import { delay } from "@std/async";

/** How long one worker waits for another's step that is normally done in milliseconds. */
export const RETRY_MS = 10_000;

/** Longest pause between two tries. */
const MAX_PAUSE_MS = 25;

/**
 * Tries until there is an answer, with growing pauses.
 *
 * @param limitMs how long; there is always a first try
 * @returns undefined where there was none in time
 */
export async function retryUntil<T>(
  attempt: () => Promise<T | undefined>,
  limitMs = RETRY_MS,
): Promise<T | undefined> {
  const deadline = performance.now() + limitMs;
  for (let pauseMs = 1;; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    const answer = await attempt();
    if (answer !== undefined || performance.now() >= deadline) return answer;
    await delay(pauseMs);
  }
}
