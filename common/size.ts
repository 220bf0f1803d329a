/** Sizes as people write and read them: SIZE of docs/cli.md, in powers of 1,024. */

const UNITS = ["", "K", "M", "G", "T", "P"];

/**
 * Reads a SIZE: a number, with `K`, `M`, `G` or `T` behind it for a power of 1,024.
 *
 * @returns whole bytes, or undefined where the text is no SIZE or exceeds 2^53−1
 *
 * @example `parseSize("1.5M")` is 1572864
 */
export function parseSize(text: string): number | undefined {
  const match = /^([0-9]{1,16}(?:\.[0-9]{1,16})?)([KMGT]?)$/i.exec(text.trim());
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * 1024 ** UNITS.indexOf(match[2]!.toUpperCase()));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes for people, rounded to three digits or so: `512 B`, `95.4 MiB`, `512 MiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}iB`;
}

/** A SIZE that {@linkcode parseSize} reads as exactly these bytes, as short as it can be: `500M`. */
export function exactSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && Number.isInteger(value / 1024 * 10) && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value}${UNITS[unit]}`;
}
