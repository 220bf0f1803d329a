/**
 * A catalog whose disk failed. A connection that could not write or sync makes no further commits;
 * reads continue. The worker reports it, and exits once a new connection can write: its successor
 * recovers as after a crash.
 */
import { join } from "@std/path";
import { getLogger } from "@logtape/logtape";
import { DatabaseSync } from "node:sqlite";
import { PLACES } from "../data/data_directory.ts";
import { CATALOG_PART } from "../monitor/health.ts";
import { messageOf } from "../options/error.ts";
import type { WorkerReport } from "./worker_messages.ts";

/** Interval at which writing is tried again. */
const TRY_MS = 2000;

const log = getLogger(["towpath", "worker"]);

/** Creates the callback for a worker's broken connection, which gets the cause. */
export function onBrokenCatalog(
  data: string,
  report: (message: WorkerReport) => void,
): (cause: unknown) => void {
  const file = join(data, PLACES.catalog);
  return (cause) => {
    const reason = `${file}: ${messageOf(cause)}: nothing is written until it can be again: ` +
      "check the disk";
    log.error("Trouble with the catalog: {reason}", { reason });
    report({ type: "trouble", part: CATALOG_PART, reason });
    const trying = setInterval(() => {
      if (!isSound(file)) return;
      clearInterval(trying);
      report({ type: "trouble", part: CATALOG_PART, reason: undefined });
      report({ type: "failed", message: "the catalog could not be written, and can be again" });
    }, TRY_MS);
  };
}

/** Whether the catalog can be written and synced, and all its pages are whole. */
function isSound(file: string): boolean {
  try {
    using database = new DatabaseSync(file);
    database.exec(
      "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; UPDATE marks SET at_ms = at_ms; COMMIT",
    );
    return database.prepare("PRAGMA quick_check(1)").get()?.quick_check === "ok";
  } catch {
    return false;
  }
}
