/** Logs and counts each request: its target and its outcome. */
import { getLogger } from "@logtape/logtape";
import type { MiddlewareHandler } from "hono";
import { jsonLine } from "../../common/printable.ts";
import { follow, newRequestId } from "../../storage/common/reports.ts";
import { logRequest, logsRequests } from "../door/request_lines.ts";
import type { WebContext, WebEnv, WebServices } from "./request/env.ts";

const log = getLogger(["towpath", "web"]);

/** Maximum length of a path and a program's name in the log. */
const MAX_CHARACTERS = 1000;

/** Middleware that logs each request. Queries are left out: they may hold secrets. */
export function requestLog(
  { vault, accessLog, basePath = "" }: WebServices,
): MiddlewareHandler<WebEnv> {
  const debug = logsRequests(log);
  return async (c, next) => {
    const start = performance.now();
    const request = debug ? newRequestId() : undefined;
    await follow(request, next);
    const ms = performance.now() - start;
    const { status } = c.res;
    const { method } = c.req;
    const { counters } = vault;
    const known = KNOWN_METHODS.has(method) ? method : "other";
    counters.add("towpath_http_requests_total", { method: known, status: String(status) });
    counters.took("towpath_http_request_seconds", ms, { method: known });
    if (debug) {
      const path = shownPath(c, basePath);
      logRequest(log, {
        name: method,
        path,
        status,
        address: c.env.address,
        startMs: start,
        request,
      });
    }
    if (/^\/(assets\/|healthz$)/.test(c.req.path)) return;
    const { session } = c.var;
    accessLog?.(line({
      time: new Date().toISOString(),
      level: status >= 500 ? "error" : status >= 400 ? "warning" : "info",
      method,
      path: shownPath(c, basePath),
      status,
      ms: Math.round(ms),
      address: c.env.address,
      ...(session ? { account: session.account, session: session.id } : {}),
      agent: c.req.header("user-agent")?.slice(0, MAX_CHARACTERS),
    }));
  };
}

const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** The requested path without the secret of a public link, also where the rest was mistyped. */
function shownPath(c: WebContext, basePath: string): string {
  const { pathname } = new URL(c.req.url);
  const path = c.env.isOutside
    ? pathname.replace(/(^|\/|%2f)(?:s|%[57]3)(?:\/|%2f)+[^/]+/i, "$1s/…")
    : basePath + pathname.replace(/^\/*(?:s|%[57]3)(?:\/|%2f)+[^/]+/i, "/s/…");
  return path.slice(0, MAX_CHARACTERS);
}

/** One line with one JSON object; nothing in it ends the line or steers a terminal. */
function line(record: Record<string, unknown>): string {
  return `${jsonLine(record)}\n`;
}
