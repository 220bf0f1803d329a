/** Sizes, times and numbers as people read them. */

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

/** As {@linkcode formatBytes}, but exact, so that it can be given back as it is. */
export function exactBytes(bytes: number): string {
  let unit = 0;
  while (
    unit < UNITS.length - 1 && bytes % (1000 ** unit * 100) === 0 && bytes >= 1000 ** (unit + 1)
  ) {
    unit++;
  }
  return unit === 0 ? String(bytes) : `${bytes / 1000 ** unit} ${UNITS[unit]}`;
}

/** Such as `2026-05-04 10:11` (UTC); seconds where they matter. */
export function formatTime(timeMs: number, seconds = false): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return "unknown";
  return date.toISOString().replace("T", " ").slice(0, seconds ? 19 : 16);
}

/** Such as `5 s`, `12 min`, `3 h`, `2 days`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** Such as `1 file`, `12,000 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
