/** `Content-Range` of a request (RFC 9110, section 14.4 and 14.5): where its body belongs. */
import type { WebContext } from "../env.ts";
import { WebError } from "../failure.ts";

/** A part of a file: bytes from `start` to just before `end`, of `total` where that is known. */
export interface PutRange {
  readonly start: number;
  readonly end: number;
  readonly total: number | undefined;
}

/** @throws {WebError} 400 where it is malformed, or the body is known to be of another length */
export function contentRangeIn(c: WebContext): PutRange | undefined {
  const header = c.req.header("content-range");
  if (header === undefined) return undefined;
  const match = /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16}|\*)$/.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2]) + 1];
  const total = match?.[3] === "*" ? undefined : Number(match?.[3]);
  const possible = match !== null && start < end && end <= (total ?? Number.MAX_SAFE_INTEGER);
  const length = c.req.header("content-length");
  if (possible && (length === undefined || Number(length) === end - start)) {
    return { start, end, total };
  }
  throw new WebError(400, "bad-request", 'The header "Content-Range" does not fit the body');
}
