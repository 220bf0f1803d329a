/** Durations as people write and read them: DUR of docs/cli.md. */

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a DUR: a number with `ms`, `s`, `m`, `h` or `d` behind it.
 *
 * @returns whole milliseconds, or undefined where the text is no DUR or exceeds 2^53−1
 *
 * @example `parseDuration("1.5s")` is 1500
 */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]{1,16}(?:\.[0-9]{1,16})?)(ms|s|m|h|d)$/i.exec(text.trim());
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * UNIT_MS[match[2]!.toLowerCase()]!);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** A time span for people, of one or two units: `8 s`, `5 min`, `2 h 10 min`, `3 days`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(minutes / 60 / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
