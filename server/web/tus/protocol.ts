/** Fields of tus requests and replies (tus 1.0.0, https://tus.io/protocols/resumable-upload). */
import { parseDecimalBound } from "../../../common/decimal.ts";
import type { WebContext } from "../request/env.ts";
import { WebError } from "../request/failure.ts";

/** Version of tus. */
export const VERSION = "1.0.0";
/** Supported extensions of tus, for `Tus-Extension`. */
export const EXTENSIONS =
  "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration";
/** Algorithms of `Upload-Checksum`, with their names in `node:crypto`. */
export const ALGORITHMS: Readonly<Record<string, string>> = { sha1: "sha1", sha256: "sha256" };
/** Content type of a request that appends bytes. */
export const CONTENT_TYPE = "application/offset+octet-stream";

/** Values of `Upload-Metadata` by key, decoded. */
export type Metadata = ReadonlyMap<string, string>;

/** Checks `Tus-Resumable`. @throws {WebError} 412 for another version of the protocol */
export function assertVersion(c: WebContext): void {
  const version = c.req.header("tus-resumable");
  if (version === VERSION) return;
  throw new WebError(
    412,
    "precondition",
    `The header "Tus-Resumable" is to say ${VERSION}`,
    { "tus-version": VERSION },
  );
}

/**
 * A number of bytes in a header; undefined where it is absent, Infinity above 2^53-1.
 *
 * @throws {WebError} 400
 */
export function bytesIn(c: WebContext, name: string): number | undefined {
  const text = c.req.header(name);
  if (text === undefined) return undefined;
  const value = parseDecimalBound(text);
  if (value !== undefined) return value;
  throw bad(`The header "${name}" is no number of bytes`);
}

/** Reads `Upload-Metadata`. @throws {WebError} 400 */
export function metadataOf(c: WebContext): Metadata {
  const metadata = new Map<string, string>();
  const header = c.req.header("upload-metadata") ?? "";
  for (const pair of header.split(",").map((text) => text.trim()).filter((text) => text !== "")) {
    const [, key, encoded = ""] = /^([!-+\--~]+)(?: +([A-Za-z0-9+/=_-]*))?$/.exec(pair) ?? [];
    if (key === undefined || metadata.has(key)) throw badMetadata();
    metadata.set(key, decodeText(encoded));
  }
  return metadata;
}

/** Writes `Upload-Metadata`. */
export function formatMetadata(metadata: Metadata): string {
  const encoder = new TextEncoder();
  return [...metadata].map(([key, value]) => `${key} ${encoder.encode(value).toBase64()}`).join();
}

/** Parses `Upload-Checksum` of a request's body. @throws {WebError} 400 */
export function checksumIn(
  c: WebContext,
): { algorithm: string; digest: Uint8Array } | undefined {
  const header = c.req.header("upload-checksum");
  if (header === undefined) return undefined;
  const [, name, encoded] = /^([a-z0-9]+) +([A-Za-z0-9+/=]+)$/.exec(header) ?? [];
  const algorithm = name !== undefined && Object.hasOwn(ALGORITHMS, name)
    ? ALGORITHMS[name]
    : undefined;
  if (algorithm === undefined) {
    throw bad(`The checksum is to be one of ${Object.keys(ALGORITHMS).join(", ")}`);
  }
  try {
    return { algorithm, digest: Uint8Array.fromBase64(encoded!) };
  } catch {
    throw bad("The checksum is no base64");
  }
}

/** A SHA-256 in hex, as metadata and the catalog have it. @throws {WebError} 400 */
export function hashIn(metadata: Metadata): string | undefined {
  const hash = metadata.get("sha256")?.toLowerCase();
  if (hash === undefined || hash === "") return undefined;
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw bad('The metadata "sha256" is to have 64 hexadecimal digits');
}

/** A digest as RFC 9530 writes it. */
export function digestField(hash: string): string {
  return `sha-256=:${Uint8Array.fromHex(hash).toBase64()}:`;
}

/** A path as a reference: percent-encoded, its slashes kept. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Creates the error for a malformed request. */
export function bad(message: string): WebError {
  return new WebError(400, "bad-request", message);
}

function badMetadata(): WebError {
  return bad('The header "Upload-Metadata" is malformed');
}

function decodeText(encoded: string): string {
  try {
    const bytes = Uint8Array.fromBase64(encoded);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badMetadata();
  }
}
