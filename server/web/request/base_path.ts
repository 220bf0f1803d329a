/**
 * The path below which the web door is reached (`--web-base-path`). The door takes it off the
 * address of each request, and puts it before the addresses of each reply: routes and pages are
 * written without it. `ui/base_path.ts` does the same within pages.
 */
import type { MiddlewareHandler } from "hono";
import type { WebContext, WebEnv } from "./env.ts";
import { WebError } from "./failure.ts";

/** A URL without the base path; undefined if it is not below it. */
export function withoutBasePath(url: string, base: string): string | undefined {
  if (base === "") return url;
  const at = url.indexOf("/", url.indexOf("://") + 3);
  if (at < 0 || !url.startsWith(base, at)) return undefined;
  const rest = url.slice(at + base.length);
  if (!/^([/?#]|$)/.test(rest)) return undefined;
  return `${url.slice(0, at)}${rest.startsWith("/") ? "" : "/"}${rest}`;
}

/** An address of this door as the path of a URL. */
export function hrefOut(c: WebContext, address: string): string {
  return c.var.basePath + address;
}

/** An address of this door as a whole URL, under the host of the request. */
export function urlOut(c: WebContext, address: string): string {
  return new URL(hrefOut(c, address), c.req.url).href;
}

/** Middleware that puts the base path before the address to which a reply leads. */
export function leadBelow(base = ""): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    c.set("basePath", base);
    await next();
    const location = base === "" ? null : c.res.headers.get("location");
    if (location?.startsWith("/")) c.res.headers.set("location", base + location);
  };
}

/** Middleware that refuses requests whose address is not below the base path. */
export function refuseOutside(base = ""): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    if (c.env.isOutside) {
      throw new WebError(
        404,
        "no-route",
        `This server is below ${base}/, and a proxy in front must pass that part of the path on`,
      );
    }
    await next();
  };
}
