import { getLogger } from "@logtape/logtape";
import { logRequest, logsRequests } from "../door/request_lines.ts";
import type { IncomingRequest } from "./intake.ts";
import type { Slot } from "./context/outbox.ts";
import { findRow } from "./table.ts";

const log = getLogger(["towpath", "native"]);

/** Members of a request that name files; no others are logged. */
const PATHS = ["filename", "path", "from"] as const;

/** Whether requests are logged; found out once, as this is on the way of every small file. */
let logs: boolean | undefined;

/**
 * The place of a request's replies, which logs the request with its final reply; as it is where
 * requests are not logged.
 */
export function loggedSlot(
  slot: Slot,
  { command, data }: IncomingRequest,
  address: string,
  request: string | undefined,
): Slot {
  if (!(logs ??= logsRequests(log))) return slot;
  const startMs = performance.now();
  // A command that does not exist may be anything, a password included.
  const name = findRow(command)?.name ?? "unknown command";
  const path = name === "unknown command" ? undefined : pathIn(data);
  const logStatus = (status: string) =>
    logRequest(log, { name, path, status, address, startMs, request });
  return {
    get done() {
      return slot.done;
    },
    interim: (reply) => slot.interim(reply),
    final(reply) {
      if (!slot.done) logStatus(`${reply.status} ${reply.code}`);
      slot.final(reply);
    },
    cancel() {
      if (!slot.done) logStatus("no reply of its own");
      slot.cancel();
    },
  };
}

function pathIn(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  for (const name of PATHS) {
    const value: unknown = Reflect.get(data, name);
    if (typeof value === "string") return value;
  }
  return undefined;
}
