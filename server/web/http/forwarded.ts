/** The client of a request that a trusted proxy hands on, by `X-Forwarded-For` and `X-Forwarded-Proto`. */
import { isIP } from "node:net";
import type { TrustsProxy } from "../../listener/proxied.ts";
import { HttpError } from "./head.ts";

/**
 * Reads the client's address: the last one of `X-Forwarded-For` that is no trusted proxy's. Those
 * before it are what the client itself sent.
 *
 * @param proxy address of the peer, a trusted proxy; the client of its own health checks
 * @throws {HttpError} 400 where the proxy does not say who the client is, or that it used HTTPS
 */
export function forwardedClient(
  { url, headers }: Pick<Request, "url" | "headers">,
  proxy: string,
  trustsProxy: TrustsProxy,
): string {
  const forwarded = headers.get("x-forwarded-for");
  const scheme = headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim().toLowerCase();
  if (forwarded === null && new URL(url).pathname === "/healthz") return proxy;
  if (forwarded === null || scheme === undefined) {
    throw new HttpError(400, "The proxy must set X-Forwarded-For and X-Forwarded-Proto");
  }
  if (scheme !== "https") throw new HttpError(400, "This server is used over HTTPS only");
  const addresses = forwarded.split(",").map((part) => part.trim());
  const client = addresses.findLast((address) => isIP(address) === 0 || !trustsProxy(address)) ??
    addresses[0]!;
  if (isIP(client) !== 0) return client;
  throw new HttpError(400, "X-Forwarded-For must be a list of IP addresses without ports");
}
