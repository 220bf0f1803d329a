/** Keys of what the catalog in memory keeps. */
import type { FileRecord, MoveIntent } from "../../../storage/disk/interfaces/intents.ts";
import { isWithin, type VirtualPath } from "../../../storage/contract/path.ts";

/** Whether two paths are one, or one of them is above the other. */
export function isRelated(one: VirtualPath, other: VirtualPath): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

/** Just the members of a file record. */
export function recordOf({ size, mtimeMs, hash, storedMs, damaged, tag }: FileRecord): FileRecord {
  const record = { size, mtimeMs, hash, storedMs, damaged };
  return tag === undefined ? record : { ...record, tag };
}

/** The key of a move. */
export function moveKey({ owner, from, to }: MoveIntent): string {
  return [owner, from, to].join("\0");
}
