/** `Content-Range` of a request (RFC 9110, section 14.4 and 14.5): where its body belongs. */
import { parseDecimal } from "../../../common/decimal.ts";
import type { WebContext } from "../request/env.ts";
import { WebError } from "../request/failure.ts";

/** Largest file, bytes. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

/** A part of a file: bytes from `start` to just before `end`, of `total` where that is known. */
export interface PutRange {
  readonly start: number;
  readonly end: number;
  readonly total: number | undefined;
}

/** Parses `Content-Range`. @throws {WebError} 400 if malformed, or the body has another length */
export function contentRangeIn(c: WebContext): PutRange | undefined {
  const header = c.req.header("content-range");
  if (header === undefined) return undefined;
  const match = /^bytes[ \t]+([0-9]+)-([0-9]+)\/([0-9]+|\*)$/i.exec(header);
  const numbers = match?.slice(1).map((text) => text === "*" ? MAX_SIZE : parseDecimal(text));
  const [start, last, whole] = numbers ?? [];
  if (start !== undefined && last !== undefined && whole !== undefined) {
    const end = last + 1;
    const length = c.req.header("content-length");
    const fits = length === undefined || parseDecimal(length) === end - start;
    if (start < end && end <= whole && fits) {
      return { start, end, total: match![3] === "*" ? undefined : whole };
    }
  }
  throw new WebError(400, "bad-request", 'The header "Content-Range" does not fit the body');
}
