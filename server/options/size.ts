/** SIZE on command lines: a number with `K`, `M`, `G`, `T` (powers of 1,024) or none (bytes). */

const FACTORS: Record<string, number> = {
  "": 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/**
 * Reads a SIZE in bytes.
 *
 * @throws {TypeError} where the text is none; the message completes `… must be`
 */
export function parseSize(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)([KMGT]?)$/i.exec(text.trim());
  const bytes = match ? Math.round(Number(match[1]) * FACTORS[match[2]!.toUpperCase()]!) : NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new TypeError("a number of bytes, with K, M, G or T behind it where wanted (500M)");
  }
  return bytes;
}
