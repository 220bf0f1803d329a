import type { FileRecord } from "../../interfaces/intents.ts";

/** A file's row as an array. */
export type Row = [
  size: number,
  mtimeMs: number,
  hash: string,
  storedMs: number,
  damaged: number,
  tag: string | null,
  name: string,
];

/** The record of a row. */
export function recordOf(
  [size, mtimeMs, hash, storedMs, damaged, tag]: readonly [...Row, ...unknown[]],
): FileRecord {
  const record = { size, mtimeMs, hash, storedMs, damaged: damaged === 1 };
  return tag === null ? record : { ...record, tag };
}
