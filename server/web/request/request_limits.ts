/** Counts requests, and the connections on which they come, for the limits of the server. */
import type { MiddlewareHandler } from "hono";
import type { WebContext, WebEnv, WebServices } from "./env.ts";

/** Counts each request as one of its address, before anything is looked up for it. */
export function countRequests({ limits }: WebServices): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    await limits.countRequest({ address: c.env.address });
    await next();
  };
}

/**
 * Counts a request as one of an account. Its connection is one of the account's until the response
 * was sent: HTTP knows no login that lasts as long as a connection.
 *
 * @throws {TooManyError} the account asks too often, or has too many connections
 */
export async function countForAccount(
  { limits }: WebServices,
  c: WebContext,
  account: string,
): Promise<void> {
  if (/^\/(assets\/|healthz$)/.test(c.req.path)) return; // they act for no account
  await limits.countRequest({ account });
  c.env.onEnd(await limits.enterAccount(account));
}
