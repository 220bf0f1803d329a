import { formatTime } from "../../../common/time.ts";

/** A time in a reply, in ms since the epoch, as `2026-05-31 12:00:00` in UTC; `-` where it is none. */
export function showTime(ms: unknown): string {
  return typeof ms === "number" ? formatTime(ms) : "-";
}

/** A time in a reply, in ms since the epoch, as `2026-05-31 14:00` in the local time zone. */
export function showLocalTime(ms: unknown): string {
  if (typeof ms !== "number") return "-";
  return formatTime(ms - new Date(ms).getTimezoneOffset() * 60_000, "minutes");
}
