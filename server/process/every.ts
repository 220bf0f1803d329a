import { getLogger } from "@logtape/logtape";

const log = getLogger(["towpath", "worker"]);

/**
 * Runs a task now and then, one run at a time; a failure is logged.
 *
 * @returns ends it: a run that goes on may fail then, without a word, as what it needs is closed
 */
export function every(ms: number, task: () => Promise<void>): () => void {
  let busy = false;
  let isEnded = false;
  const run = async () => {
    if (busy) return;
    busy = true;
    try {
      await task();
    } catch (error) {
      if (!isEnded) log.error("Housekeeping failed: {error}", { error });
    } finally {
      busy = false;
    }
  };
  run();
  const timer = setInterval(run, ms);
  return () => {
    isEnded = true;
    clearInterval(timer);
  };
}
