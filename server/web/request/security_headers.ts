/** Headers that every response has: what a browser may do with it. */
import type { MiddlewareHandler } from "hono";
import type { WebEnv } from "./env.ts";

/** For pages of ours: nothing but our own files, no inline script or style, in no frame. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self'",
  "frame-src 'self'",
  "object-src 'none'",
  "connect-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types towpath",
].join("; ");

/** For content that users stored: no scripts run, and it has no origin, however it is opened. */
export const CONTENT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
  "img-src data:; media-src 'self'; frame-ancestors 'self'";

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": PAGE_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  // Not "no-referrer", with which browsers send `Origin: null` with forms of our own.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Pages show what belongs to a session: they are not to outlive it in a cache.
  "cache-control": "no-store",
};

/** Sets them, unless a route has set one itself. */
export function securityHeaders(): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  };
}
