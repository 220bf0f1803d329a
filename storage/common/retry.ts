import { delay } from "@std/async";

/** How long one worker waits for another worker's step that normally takes milliseconds. */
export const RETRY_MS = 10_000;

/** Longest pause between two tries. */
const MAX_PAUSE_MS = 25;

/**
 * Calls `attempt` until it returns a value, with growing pauses.
 *
 * @param limitMs timeout; `attempt` is called at least once
 * @returns undefined after the timeout
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
