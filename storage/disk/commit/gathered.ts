/** How long a batch of commits waits for further ones. */
import { yieldTurn } from "../../common/slices.ts";

/** Jobs of a batch that waits no longer. */
const MAX_JOBS = 256;
/** Longest time that a batch waits, ms. */
const MAX_MS = 10;

/**
 * Resolves when a batch is to begin. All that finishes in one turn of the event loop goes into one
 * batch; where that is more than one job, clients are sending many, and the batch waits as long as
 * each further turn brings more. Each batch costs two transactions and its directories' syncs.
 *
 * @param jobs returns the number of jobs that wait now
 */
export async function gathered(jobs: () => number): Promise<void> {
  await yieldTurn();
  const endMs = performance.now() + MAX_MS;
  for (let before = 1, now = jobs(); now > before; now = jobs()) {
    before = now;
    if (now >= MAX_JOBS || performance.now() >= endMs) return;
    await yieldTurn();
  }
}
