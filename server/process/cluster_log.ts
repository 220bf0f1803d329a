/** Log lines about the database, the object store and the other nodes. */
import { getLogger } from "@logtape/logtape";

const log = getLogger(["towpath", "worker"]);

/** Logs that a system does not answer any more; without a reason, that it does again. */
export function logFault(part: string, reason: string | undefined): void {
  if (reason === undefined) log.info("The {part} answers again", { part });
  else log.error("The {part} does not answer: {reason}", { part, reason });
}

/** Logs a failure of the bus that concerns no caller. */
export function logBusError(what: string, error: unknown): void {
  log.warn("The other nodes: {what}: {error}", { what, error: String(error) });
}

/** Logs that another server has the name of this one. */
export function logNamesake(node: string): void {
  log.error(
    'Another server with the name "{node}" shares this database: give each its own with --node',
    { node },
  );
}
