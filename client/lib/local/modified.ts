/** Modification times of local files, as the protocol has them. */

/** The years 1 to 9999, in ms since the Unix epoch. */
const MIN_TIME_MS = -62_135_596_800_000;
const MAX_TIME_MS = 253_402_300_799_999;

/** The modification time of a local file in ms; negative before 1970. */
export function modifiedOf(info: Deno.FileInfo): number {
  const timeMs = info.mtime?.getTime() ?? 0;
  if (Number.isNaN(timeMs)) return 0;
  return Math.min(MAX_TIME_MS, Math.max(MIN_TIME_MS, Math.trunc(timeMs))) + 0; // never -0
}

/** Whether what a server says is a modification time. */
export function isModifiedTime(mtime: number): boolean {
  return Number.isSafeInteger(mtime) && mtime >= MIN_TIME_MS && mtime <= MAX_TIME_MS;
}
