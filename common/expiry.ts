/** Ends of accounts and shares as people write them: WHEN of docs/cli.md. */
import { parseDuration } from "./duration.ts";

/** The forms of a WHEN, for messages. */
export const WHEN_FORM = "a date such as 2027-01-31, or a duration from now such as 30d";

/**
 * Reads a WHEN: an ISO date (its first moment in UTC) or time, or a DUR from now.
 *
 * @returns ms since the epoch; undefined where it is none
 */
export function parseWhen(text: string, nowMs = Date.now()): number | undefined {
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const timeMs = Date.parse(text);
    return Number.isNaN(timeMs) ? undefined : timeMs;
  }
  const ms = parseDuration(text);
  return ms === undefined || ms === 0 ? undefined : nowMs + ms;
}
