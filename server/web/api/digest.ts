/** Checksums in header fields: `Repr-Digest`, `Content-Digest` (RFC 9530), `Digest` (RFC 3230). */
import type { WebContext } from "../request/env.ts";
import { WebError } from "../request/failure.ts";

const FIELDS = ["repr-digest", "content-digest", "digest"] as const;
const SHA256_BYTES = 32;

/**
 * The SHA-256 in hex that a request announces of the whole file.
 *
 * @param partial the body is a part of the file: `Content-Digest` and is not about the whole then
 * @throws {WebError} 400 where one is malformed, or two differ
 */
export function announcedHash(c: WebContext, partial: boolean): string | undefined {
  let hash: string | undefined;
  for (const field of FIELDS) {
    if (partial && field === "content-digest") continue;
    const found = sha256In(c.req.header(field) ?? "", field);
    if (found === undefined) continue;
    if (hash !== undefined && hash !== found) {
      throw new WebError(400, "bad-request", "Two checksums in the header differ");
    }
    hash = found;
  }
  return hash;
}

/** Header fields with the checksum of a file. */
export function digestHeaders(hash: string): Record<string, string> {
  const encoded = Uint8Array.fromHex(hash).toBase64();
  return { "repr-digest": `sha-256=:${encoded}:`, "digest": `sha-256=${encoded}` };
}

/** Other algorithms are passed over, as both RFCs say. */
function sha256In(value: string, field: string): string | undefined {
  for (const member of value.split(",")) {
    const [, name, encoded] = /^([A-Za-z0-9-]+)=(.*)$/.exec(member.trim()) ?? [];
    if (name?.toLowerCase() !== "sha-256") continue;
    const text = field === "digest" ? encoded! : /^:(.*):$/.exec(encoded!)?.[1];
    try {
      const bytes = Uint8Array.fromBase64(text ?? "");
      if (bytes.length === SHA256_BYTES) return bytes.toHex();
    } catch {
      // reported below
    }
    throw new WebError(400, "bad-request", `The header "${field}" has no SHA-256 in base64`);
  }
  return undefined;
}
