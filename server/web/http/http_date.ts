/** Dates of HTTP (RFC 9110, section 5.6.7), in all three forms that a recipient has to accept. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(${MONTHS.join("|")})`;
const TIME = "([0-9]{2}):([0-9]{2}):([0-9]{2})";
const DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

/** `Sun, 06 Nov 1994 08:49:37 GMT`. */
const IMF_FIXDATE = new RegExp(`^${DAY}, ([0-9]{2}) ${MONTH} ([0-9]{4}) ${TIME} GMT$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT`. */
const RFC_850 = new RegExp(`^${LONG_DAY}, ([0-9]{2})-${MONTH}-([0-9]{2}) ${TIME} GMT$`);
/** `Sun Nov  6 08:49:37 1994`. */
const ASCTIME = new RegExp(`^${DAY} ${MONTH} ([ 0-9][0-9]) ${TIME} ([0-9]{4})$`);

/**
 * Parses a date. The name of the weekday is not compared with the date.
 *
 * @returns ms since the epoch; undefined for an invalid date
 */
export function parseHttpDate(text: string, nowMs = Date.now()): number | undefined {
  const fixed = IMF_FIXDATE.exec(text);
  if (fixed) return toMs(fixed[3]!, fixed[2]!, fixed[1]!, fixed.slice(4, 7));
  const asctime = ASCTIME.exec(text);
  if (asctime) return toMs(asctime[6]!, asctime[1]!, asctime[2]!, asctime.slice(3, 6));
  const old = RFC_850.exec(text);
  if (!old) return undefined;
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - thisYear % 100 + Number(old[3]);
  // Two digits of a year that seem more than 50 years ahead are of the century before.
  const meant = year > thisYear + 50 ? year - 100 : year;
  return toMs(String(meant), old[2]!, old[1]!, old.slice(4, 7));
}

function toMs(
  year: string,
  month: string,
  day: string,
  time: readonly string[],
): number | undefined {
  const [hours, minutes, seconds] = time.map(Number) as [number, number, number];
  const monthIndex = MONTHS.indexOf(month);
  // A leap second counts as the second after it.
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), monthIndex, Number(day));
  const exists = date.getUTCMonth() === monthIndex && date.getUTCDate() === Number(day);
  if (!exists) return undefined;
  return date.setUTCHours(hours, minutes, seconds);
}
