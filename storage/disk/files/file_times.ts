/** Modification times of files on a local file system. */
import { nearestTime } from "../../contract/time_range.ts";

/** Times that every file system in use can hold: ext4 with small inodes ends in January 2038. */
const EVERYWHERE_MS = 2_147_483_647_000;

/** Returns a file's modification time in ms, cut to an integer. */
export function mtimeOf(info: Deno.FileInfo): number {
  // Plus 0: what is cut off a fraction before 1970 leaves -0.
  return nearestTime(info.mtime?.getTime()) + 0;
}

/** Whether a file system may store another time for this one, so that it has to be read back. */
export function mayBeChanged(mtimeMs: number): boolean {
  return mtimeMs < 0 || mtimeMs > EVERYWHERE_MS;
}
