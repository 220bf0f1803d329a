/** Times and numbers as people read them. */

/** Such as `2026-05-04 10:11` (UTC); seconds where they matter. */
export function formatTime(timeMs: number, seconds = false): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return "unknown";
  return date.toISOString().replace("T", " ").slice(0, seconds ? 19 : 16);
}

/** Such as `1 file`, `12,000 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
