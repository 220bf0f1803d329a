/** DUR on command lines: a number with `ms`, `s`, `m`, `h` or `d`. */

const FACTORS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a DUR in milliseconds.
 *
 * @throws {TypeError} where the text is none; the message completes `… must be`
 */
export function parseDuration(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/i.exec(text.trim());
  const ms = match ? Math.round(Number(match[1]) * FACTORS[match[2]!.toLowerCase()]!) : NaN;
  if (!Number.isSafeInteger(ms)) {
    throw new TypeError("a number with ms, s, m, h or d behind it (30s)");
  }
  return ms;
}
