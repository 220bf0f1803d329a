/** Lines at the level `debug`: one for each request of a door, without secrets. */
import type { Logger } from "@logtape/logtape";

/** A request and its outcome. */
export interface RequestLine {
  /** Command or method. */
  name: string;
  /** As the client wrote it; undefined where the request has none. */
  path?: string | undefined;
  status: string | number;
  address: string;
  /** Time when the request came, on the monotonic clock in ms. */
  startMs: number;
  /** Its id, which the lines of other rooms about it have, too. */
  request?: string | undefined;
}

/** Whether requests are logged: callers skip the work where they are not. */
export function logsRequests(log: Logger): boolean {
  return log.isEnabledFor("debug");
}

/** Logs a request that was answered. */
export function logRequest(log: Logger, line: RequestLine): void {
  const { name, path, status, address, startMs, request } = line;
  const ms = Math.round(performance.now() - startMs);
  if (path === undefined) {
    log.debug("{name}: {status} in {ms} ms, from {address}", {
      ...{ name, status, ms, address, request },
    });
  } else {
    const shown = JSON.stringify(path);
    log.debug("{name} {path}: {status} in {ms} ms, from {address}", {
      ...{ name, path: shown, status, ms, address, request },
    });
  }
}
