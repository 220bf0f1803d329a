/** The range that a request asks for (RFC 9110, section 14). */
import { parseDecimalBound } from "../../../common/decimal.ts";
import { ifRangeHolds } from "./preconditions.ts";

/** Bytes from `start` to just before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Parses the requested range; undefined where the whole is to be sent: no range, several, one of
 * another kind, or one for content that has changed (`If-Range`).
 */
export function rangeIn(
  headers: Headers,
  { size, hash }: { size: number; hash: string },
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=[ \t]*([0-9]*)-([0-9]*)$/i.exec(headers.get("range")?.trimEnd() ?? "");
  if (match === null || !ifRangeHolds(headers, hash)) return undefined;
  // However many digits there are: positions behind the end are the end (section 14.1.2).
  const first = parseDecimalBound(match[1]!);
  const last = parseDecimalBound(match[2]!);
  if (first === undefined) {
    if (last === undefined) return undefined;
    const length = Math.min(last, size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  if (last !== undefined && last < first) return undefined;
  if (first >= size) return "unsatisfiable";
  return { start: first, end: Math.min(last ?? Infinity, size - 1) + 1 };
}
