/**
 * Cross-origin requests (the Fetch standard, "CORS protocol") of pages that the operator named:
 * to the API and to tus, with credentials of their own. A session's cookie is never taken from
 * there, and pages are no other origin's.
 */
import type { MiddlewareHandler } from "hono";
import type { WebContext, WebEnv } from "./env.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** Headers of responses that scripts may read. */
const EXPOSED = [
  "Content-Disposition",
  "Content-Location",
  "Content-Range",
  "Digest",
  "ETag",
  "Location",
  "Repr-Digest",
  "Retry-After",
  "Tus-Checksum-Algorithm",
  "Tus-Extension",
  "Tus-Max-Size",
  "Tus-Resumable",
  "Tus-Version",
  "Upload-Defer-Length",
  "Upload-Expires",
  "Upload-Length",
  "Upload-Metadata",
  "Upload-Offset",
  "Upload-Prefix-Digest",
  "WWW-Authenticate",
].join(", ");
/** Seconds for which a browser need not ask again. */
const MAX_AGE_SECONDS = 3600;
/** Header names that a script requests to send. */
const HEADER_NAMES = /^[A-Za-z0-9_,\t -]{1,2000}$/;

/**
 * Whether a request comes from a page of an origin that may use the API.
 *
 * @param allowed origins as a browser sends them, or `*`
 */
export function isAllowedOrigin(c: WebContext, allowed: readonly string[]): boolean {
  if (!/^\/(api|tus)(\/|$)/.test(c.req.path)) return false;
  const origin = c.req.header("origin");
  if (origin === undefined || isOwnOrigin(c, origin)) return false;
  return allowed.includes("*") || allowed.includes(origin.toLowerCase());
}

/** Whether an origin is this server itself. */
export function isOwnOrigin(c: WebContext, origin: string): boolean {
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  return origin.toLowerCase() === `https://${host.toLowerCase()}`;
}

/** Answers preflights, and lets pages of these origins read responses. @param allowed see above */
export function allowOrigins(allowed: readonly string[]): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    if (allowed.length === 0) return await next();
    const isAllowed = isAllowedOrigin(c, allowed);
    const isPreflight = c.req.method === "OPTIONS" &&
      c.req.header("access-control-request-method") !== undefined;
    if (isAllowed && isPreflight) c.res = preflight(c);
    else await next();
    if (!/^\/(api|tus)(\/|$)/.test(c.req.path)) return;
    c.res.headers.append("vary", "Origin");
    if (!isAllowed) return;
    const origin = allowed.includes("*") ? "*" : c.req.header("origin")!;
    c.res.headers.set("access-control-allow-origin", origin);
    c.res.headers.set("cross-origin-resource-policy", "cross-origin");
    if (!isPreflight) c.res.headers.set("access-control-expose-headers", EXPOSED);
  };
}

function preflight(c: WebContext): Response {
  const wanted = c.req.header("access-control-request-headers") ?? "";
  const headers: Record<string, string> = {
    "access-control-allow-methods": METHODS,
    "access-control-max-age": String(MAX_AGE_SECONDS),
    "vary": "Access-Control-Request-Headers",
  };
  // Any header: none of them acts by a cookie.
  if (HEADER_NAMES.test(wanted)) headers["access-control-allow-headers"] = wanted;
  return new Response(null, { status: 204, headers });
}
