/**
 * Serves the files of the pages. They are cached without limit, since their address contains the
 * hash of their content.
 */
import { createHash } from "node:crypto";
import type { Register } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import { ASSET_ROOT, ASSETS } from "./table.ts";

/** An asset runs nothing by itself. */
const POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Registers the routes of the pages' scripts and styles. */
export const registerAssets: Register = (app) => {
  const files = new Map(ASSETS.map((asset) => [ASSET_ROOT + asset.name, {
    ...asset,
    bytes: new TextEncoder().encode(asset.text),
    etag: `"${createHash("sha256").update(asset.text).digest("base64url")}"`,
  }]));
  app.get("/assets/*", (c) => {
    const file = files.get(c.req.path);
    if (file === undefined) throw new WebError(404, "no-route", "There is no such file");
    const headers = {
      "content-type": `${file.type}; charset=utf-8`,
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": file.policy ?? POLICY,
      "etag": file.etag,
    };
    if (c.req.header("if-none-match") === file.etag) return c.body(null, 304, headers);
    return c.body(file.bytes, 200, headers);
  });
};
