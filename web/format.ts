/** Sizes, rates and times as people read them. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Such as `1.5 MB`: powers of 1000, three digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Such as `40 s`, `5 min`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** Whole percent, 100 only where all is there. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor(part * 100 / whole);
}
