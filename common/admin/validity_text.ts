/** Whether and how long an account may be used, in words. */
import { formatTime } from "../time.ts";

/** Whether an account is disabled, and when it expires; null: never. */
export interface ValidityInfo {
  readonly disabled?: unknown;
  /** ms since the epoch. */
  readonly expires?: unknown;
}

/** A sentence behind the account's name: `is enabled, and never expires`. */
export function validityText({ disabled, expires }: ValidityInfo, nowMs = Date.now()): string {
  return `${disabled ? "is disabled" : "is enabled"}, and ${endText(expires, nowMs)}`;
}

function endText(expires: unknown, nowMs: number): string {
  if (typeof expires !== "number") return "never expires";
  return `${expires <= nowMs ? "expired" : "expires"} at ${formatTime(expires)} UTC`;
}

/** The state in a word or two, for a table: `enabled`, `disabled`, `until 2027-01-31 00:00:00`. */
export function validityInShort({ disabled, expires }: ValidityInfo, nowMs = Date.now()): string {
  if (disabled) return "disabled";
  if (typeof expires !== "number") return "enabled";
  return expires <= nowMs ? "expired" : `until ${formatTime(expires)}`;
}
