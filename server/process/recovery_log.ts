/** Log lines of recovery in a worker. */
import { getLogger } from "@logtape/logtape";
import type { RecoveryProgress, RecoveryReport } from "../../storage/contract/engine.ts";
import { FILES_PART } from "../monitor/health.ts";
import type { WorkerReport } from "./worker_messages.ts";

/** Interval at which recovery says how far it is. */
const PROGRESS_MS = 1000;

/**
 * Maximum of recovery problems that are logged one by one; the first of thousands show the cause.
 */
const MAX_NAMED_TROUBLES = 100;

/** Actions of recovery, in words. */
const DONE: Record<Exclude<keyof RecoveryReport, "troubles">, string> = {
  movesFinished: "renames that were finished",
  commitsTakenBack: "uploads that can be resumed again",
  partsRemoved: "leftovers of stored uploads that were removed",
  adopted: "unfinished uploads found again",
  setAside: "unknown contents moved to aside/",
  accountsRemoved: "removals of accounts that were completed",
};

const log = getLogger(["towpath", "worker"]);

/** Logs what a killed server left, and how far recovery is where it takes longer than a moment. */
export function logProgress(): RecoveryProgress {
  let nextMs = performance.now() + PROGRESS_MS;
  return (kind, done, total) => {
    const begins = done === 0 && kind !== "accounts"; // which are there at every start
    if (begins) log.info("Recovering {total} {kind}", { total, kind });
    if (begins || performance.now() < nextMs) return;
    nextMs = performance.now() + PROGRESS_MS;
    log.info("Recovering {kind}: {done} of {total}", { kind, done, total });
  };
}

/** Logs the result of recovery, and reports problems of the accounts' files. */
export function logRecovery(
  recovery: RecoveryReport,
  report: (message: WorkerReport) => void,
): void {
  const { troubles, ...counts } = recovery;
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  if (found.length > 0) {
    const done = found.map(([name, count]) => `${DONE[name as keyof typeof DONE]}: ${count}`);
    log.info("Recovered from an unclean stop: {done}", {
      done: done.join(", "),
      ...Object.fromEntries(found),
    });
  }
  for (const reason of troubles.slice(0, MAX_NAMED_TROUBLES)) {
    log.warn("Something is wrong with stored files: {reason}", { reason });
  }
  const [first] = troubles;
  const more = troubles.length > 1 ? ` (and ${troubles.length - 1} more, see the log)` : "";
  const reason = first === undefined ? undefined : first + more;
  report({ type: "trouble", part: FILES_PART, reason });
}
