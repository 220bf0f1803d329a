/** Times as FTP writes them, in UTC (RFC 3659 section 2.3). */

/** Reads `YYYYMMDDHHMMSS`, with a fraction or without, also without seconds; undefined: none. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(\.\d{1,9})?$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => +(part ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!); // Date.UTC() takes years before 100 for later ones
  const timeMs = date.setUTCHours(hour!, minute, second);
  const real = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day &&
    hour! < 24 && minute! < 60 && second! < 60;
  if (!real || year === 0) return undefined;
  return timeMs + Math.round(Number(`0${match[7] ?? ""}`) * 1000);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** Older files, and such from the future, show their year in place of the hour. */
const RECENT_MS = 180 * 86_400_000;
const SKEW_MS = 86_400_000;

/** A time as `ls -l` shows it: `Nov 25 02:32`, or `Nov 25  2020`. */
export function formatListTime(timeMs: number, nowMs: number): string {
  const date = new Date(timeMs);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = String(date.getUTCDate()).padStart(2);
  const recent = timeMs > nowMs - RECENT_MS && timeMs < nowMs + SKEW_MS;
  const end = recent
    ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
    : ` ${String(date.getUTCFullYear()).padStart(4, "0")}`;
  return `${MONTHS[date.getUTCMonth()]} ${day} ${end}`;
}
