/** Sizes and durations, as people write and read them (docs/cli.md: SIZE and DUR). */
import { parseDuration as readDuration } from "../../../common/duration.ts";
import { parseSize as readSize } from "../../../common/size.ts";
import { usageError } from "../../lib/common/error.ts";

/**
 * Reads a SIZE.
 *
 * @returns bytes, at least 1
 * @throws {ClientError} with exit code 2
 */
export function parseSize(text: string, option: string): number {
  const bytes = readSize(text);
  if (bytes !== undefined && bytes >= 1) return bytes;
  throw usageError(`${option} must be a size such as 500K or 20M, not "${text}"`);
}

/**
 * Reads a DUR.
 *
 * @returns milliseconds, at least 1
 * @throws {ClientError} with exit code 2
 */
export function parseDuration(text: string, option: string): number {
  const ms = readDuration(text);
  if (ms !== undefined && ms >= 1) return ms;
  throw usageError(`${option} must be a duration such as 500ms, 30s or 5m, not "${text}"`);
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

/** A time span for people, such as `8s`, `1m05s`, `2h03m`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "--";
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h${two(Math.floor(whole % 3600 / 60))}m`;
}
