/** The range that a request asks for (RFC 9110, section 14). */

/** Bytes from `start` to just before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that is asked for; undefined where the whole is to be sent: no range, several, one
 * of another kind, or one of a content that is not there any more (`If-Range`).
 */
export function rangeIn(
  headers: Headers,
  { size, hash }: { size: number; hash: string },
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(headers.get("range") ?? "");
  if (match === null || match[1] === "" && match[2] === "") return undefined;
  const condition = headers.get("if-range");
  // A date is no strong validator here: several contents may have one second.
  if (condition !== null && condition !== `"${hash}"`) return undefined;
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(match[1]);
  const last = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== "" && Number(match[2]) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end: last + 1 };
}
