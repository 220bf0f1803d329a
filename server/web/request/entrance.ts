/** The way in that a request uses, for limits: the pages, the HTTP API, or tus. */
import type { MiddlewareHandler } from "hono";
import type { Entrance } from "../../../common/entrances.ts";
import type { WebContext, WebEnv, WebServices } from "./env.ts";
import { WebError } from "./failure.ts";

/** Programs show credentials of their own; what pages ask of the API with their cookie is `web`. */
export function entranceOf(c: WebContext): Entrance {
  const { path } = c.req;
  const byPage = c.req.header("authorization") === undefined &&
    c.req.header("cookie") !== undefined;
  if (byPage) return "web";
  if (/^\/tus(\/|$)/.test(path)) return "tus";
  return /^\/(api|metrics)(\/|$)/.test(path) ? "api" : "web";
}

/** Refuses requests by ways that the peer's address may not use. */
export function refuseClosed({ limits }: WebServices): MiddlewareHandler<WebEnv> {
  return async (c, next) => {
    const entrance = entranceOf(c);
    // Monitoring may ask from every address that may connect.
    if (c.req.path !== "/healthz" && !limits.mayConnect(c.env.address, entrance)) {
      throw new WebError(403, "denied", `This address may not use ${NAMES[entrance]}`);
    }
    await next();
  };
}

const NAMES: Readonly<Record<Entrance, string>> = {
  native: "the native protocol",
  ftp: "FTP",
  web: "the pages",
  api: "the HTTP API",
  tus: "tus",
};
