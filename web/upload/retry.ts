/** Pauses between attempts. */

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before an attempt: 1 s, doubled every time up to 30 s, a fifth more or less so
 * that those who were cut off together do not come back together.
 *
 * @param attempt 1 for the first one that follows a failure
 */
export function pauseMs(attempt: number, random: () => number = Math.random): number {
  const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(pause * (0.8 + 0.4 * random()));
}

/** Waits; ends early where the network is back, and throws the reason of `signal` once aborted. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
  signal.throwIfAborted();
}
