/** Sizes and durations, as people write and read them (docs/cli.md: SIZE and DUR). */
import { usageError } from "../../lib/common/error.ts";

const SIZE_UNITS: Record<string, number> = {
  "": 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};
const DURATION_UNITS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a SIZE: a number with K, M, G, T (powers of 1,024) or none.
 *
 * @returns bytes, at least 1
 * @throws {ClientError} with exit code 2
 */
export function parseSize(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text);
  const bytes = match ? Math.floor(Number(match[1]) * SIZE_UNITS[match[2]!.toUpperCase()]!) : 0;
  if (bytes < 1 || !Number.isSafeInteger(bytes)) {
    throw usageError(`${option} must be a size such as 500K or 20M, not "${text}"`);
  }
  return bytes;
}

/**
 * Reads a DUR: a number with ms, s, m, h or d.
 *
 * @returns milliseconds, at least 1
 * @throws {ClientError} with exit code 2
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const ms = match ? Math.floor(Number(match[1]) * DURATION_UNITS[match[2]!]!) : 0;
  if (ms < 1 || !Number.isSafeInteger(ms)) {
    throw usageError(`${option} must be a duration such as 500ms, 30s or 5m, not "${text}"`);
  }
  return ms;
}

/**
 * Reads an integer.
 *
 * @throws {ClientError} with exit code 2
 */
export function parseInteger(text: string, option: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) {
    throw usageError(`${option} must be a number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/** Bytes for people, in powers of 1,024, such as `95.4 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = -1;
  while (value >= 1023.95 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${"KMGTP"[unit]}iB`;
}

/** A time span for people, such as `8s`, `1m05s`, `2h03m`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "--";
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor(whole % 3600 / 60))}m`;
}

/** A number with what it counts: `1 file`, `2 files`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
