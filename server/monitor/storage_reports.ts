/** Passes what the storage reports on to the logs. */
import { getLogger } from "@logtape/logtape";
import { reportTo } from "../../storage/common/reports.ts";
import type { ServerOptions } from "../options/definitions.ts";

/** Logs the reports of this thread's storage, each in the category of its room. */
export function logStorageReports(level: ServerOptions["log-level"]): void {
  reportTo((level, room, message, fields) => {
    const log = getLogger(["towpath", room]);
    const values = { message, ...fields };
    if (level === "debug") log.debug("{message}", values);
    else if (level === "info") log.info("{message}", values);
    else if (level === "warning") log.warning("{message}", values);
    else log.error("{message}", values);
  }, { debug: level === "debug" });
}
