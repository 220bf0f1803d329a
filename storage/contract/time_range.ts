/** Which modification times there are: those that every protocol can write. */

/** The first one, in ms since the Unix epoch: the year 1 begins, UTC. */
export const MIN_TIME_MS = -62_135_596_800_000;
/** The last one, in ms since the Unix epoch: the year 9999 ends, UTC. */
export const MAX_TIME_MS = 253_402_300_799_999;

/** Clamps a modification time from a client or a disk to the valid range; 0 for none. */
export function nearestTime(timeMs: number | undefined): number {
  if (timeMs === undefined || Number.isNaN(timeMs)) return 0;
  return Math.min(MAX_TIME_MS, Math.max(MIN_TIME_MS, timeMs));
}
