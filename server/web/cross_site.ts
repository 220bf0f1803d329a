/**
 * Refuses requests that another site makes in a user's name (OWASP, "Cross-Site Request Forgery
 * Prevention"): every unsafe method is checked for its origin, and in a session also for the
 * session's token. It applies to every route, so that none can omit it.
 */
import { isSameSecret } from "../../common/secrets.ts";
import type { MiddlewareHandler } from "hono";
import { isAllowedOrigin, isOwnOrigin } from "./request/cors.ts";
import type { WebContext, WebEnv } from "./request/env.ts";
import { WebError } from "./request/failure.ts";
import { formOf } from "./request/form_body.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
/** Header in which scripts repeat the session's token. */
const CSRF_HEADER = "x-csrf-token";
/** Form field in which forms repeat it. */
const CSRF_FIELD = "csrf";

/** Middleware that refuses unsafe requests of other sites. */
export function refuseCrossSite(
  corsOrigins: readonly string[] = [],
): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const unsafe = !SAFE.has(c.req.method);
    if (isAllowedOrigin(c, corsOrigins)) c.set("session", undefined);
    else if (unsafe) assertSameOrigin(c);
    const { session } = c.var;
    if (session?.csrfToken !== undefined) {
      // Programs' routes take a cookie from a script of ours alone, which shows the token.
      const byScript = isForPrograms(c.req.path);
      if (byScript && c.req.header(CSRF_HEADER) === undefined) c.set("session", undefined);
      else if ((unsafe || byScript) && !isSame(await shownToken(c), session.csrfToken)) {
        throw crossSite("The form is too old, or was not this server's: load the page again");
      }
    }
    await next();
  };
}

/** Whether a route is for programs: it takes tokens and passwords, and a cookie from scripts. */
export function isForPrograms(path: string): boolean {
  return /^\/(api|tus|metrics|healthz)(\/|$)/.test(path);
}

/** Browsers report the origin of a request; programs that do not must send other credentials. */
function assertSameOrigin(c: WebContext): void {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw crossSite("Another site sent this request");
  }
  const origin = c.req.header("origin");
  if (origin === undefined) return;
  if (isOwnOrigin(c, origin)) return;
  throw crossSite("Another site sent this request");
}

async function shownToken(c: WebContext): Promise<string | undefined> {
  const header = c.req.header(CSRF_HEADER);
  if (header !== undefined) return header;
  const type = c.req.header("content-type") ?? "";
  // An upload is not read before it is known to be wanted: its form's address has the token.
  if (type.startsWith("multipart/form-data")) return c.req.query(CSRF_FIELD);
  if (!type.startsWith("application/x-www-form-urlencoded")) return undefined;
  const value = (await formOf(c)).get(CSRF_FIELD);
  return typeof value === "string" ? value : undefined;
}

function isSame(shown: string | undefined, token: string): boolean {
  return shown !== undefined && isSameSecret(shown, token);
}

function crossSite(detail: string): WebError {
  return new WebError(403, "cross-site", detail);
}
