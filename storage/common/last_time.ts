/** Ends of what holds for a time. */
import { StoreError } from "../contract/error.ts";

/** The last time that there is, ms since the Unix epoch. */
const LAST_TIME_MS = 8_640_000_000_000_000;

/**
 * The end of what begins at a time and lasts a while, ms since the Unix epoch.
 *
 * @param name how an error calls the while
 * @throws {StoreError} `bad-request` where there is no such time, which could not be kept either
 */
export function endOf(fromMs: number, lastsMs: number, name: string): number {
  if (lastsMs <= LAST_TIME_MS - fromMs) return fromMs + lastsMs;
  throw new StoreError("bad-request", `${name} leads beyond the last time there is`);
}
