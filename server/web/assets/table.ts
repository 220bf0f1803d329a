/**
 * Scripts and styles of the pages. They are imported as text, so that a worker needs no permission
 * to read them; all share one hash, so that they may refer to each other and be cached without
 * limit.
 */
import { createHash } from "node:crypto";
import hashing from "hash-wasm/dist/sha256.umd.min.js" with { type: "text" };
import hashWorker from "../bundle/hash_worker.js" with { type: "text" };
import pageScript from "../bundle/page.js" with { type: "text" };
import uploadScript from "../bundle/upload.js" with { type: "text" };
import uploadStyle from "../ui/upload.css" with { type: "text" };
import icon from "../ui/icon.svg" with { type: "text" };
import style from "../ui/style.css" with { type: "text" };

/** A file that pages load. */
export interface Asset {
  readonly name: string;
  readonly type: "text/css" | "text/javascript" | "image/svg+xml";
  readonly text: string;
  /** Content-Security-Policy of its response, where it is not that of every asset. */
  readonly policy?: string;
}

/** All of them; rows are added here. */
export const ASSETS: readonly Asset[] = [
  { name: "style.css", type: "text/css", text: style },
  { name: "icon.svg", type: "image/svg+xml", text: icon },
  { name: "upload.css", type: "text/css", text: uploadStyle },
  { name: "page.js", type: "text/javascript", text: pageScript },
  { name: "upload.js", type: "text/javascript", text: uploadScript },
  {
    name: "hash_worker.js",
    type: "text/javascript",
    text: hashWorker,
    // A worker has the policy of its script: WebAssembly is for this one alone.
    policy: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
  },
  { name: "hash-wasm.js", type: "text/javascript", text: hashing },
];

/** Changes whenever one of them does. */
const HASH = ASSETS.reduce(
  (hash, { name, text }) => hash.update(`${name} ${text.length}\n${text}`),
  createHash("sha256"),
).digest("base64url").slice(0, 16);

/** The folder of all assets, in addresses. */
export const ASSET_ROOT = `/assets/${HASH}/`;

/** Address of an asset. */
export function assetUrl(name: string): string {
  if (!ASSETS.some((asset) => asset.name === name)) throw new Error(`There is no asset "${name}"`);
  return ASSET_ROOT + name;
}
