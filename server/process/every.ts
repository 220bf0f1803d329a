import { getLogger } from "@logtape/logtape";

const log = getLogger(["towpath", "worker"]);

/** Runs a task now and then, one run at a time; a failure is logged. */
export function every(ms: number, task: () => Promise<void>): number {
  let busy = false;
  const run = async () => {
    if (busy) return;
    busy = true;
    try {
      await task();
    } catch (error) {
      log.error("Housekeeping failed: {error}", { error });
    } finally {
      busy = false;
    }
  };
  run();
  return setInterval(run, ms) as unknown as number;
}
