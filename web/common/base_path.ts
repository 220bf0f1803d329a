/**
 * The path below which the server's pages are (`--web-base-path`). The scripts write addresses
 * without it; this is the one place that knows it.
 */
import { meta } from "./dom.ts";

/** The path: empty, or `/a` without a slash at its end. */
export function basePath(): string {
  return meta("base-path") ?? "";
}

/** An address of the server for a request or a link. */
export function hrefOut(address: string): string {
  return basePath() + address;
}

/** The address that a URL of this origin has at the server; undefined if it is another program's. */
export function addressIn({ origin, pathname }: URL): string | undefined {
  const base = basePath();
  if (origin !== location.origin) return undefined;
  if (pathname !== base && !pathname.startsWith(`${base}/`)) return undefined;
  return pathname.slice(base.length) || "/";
}
