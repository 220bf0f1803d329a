/** Keys of what the catalog in memory keeps. */
import type { FileRecord, MoveIntent } from "../disk/interfaces/intents.ts";
import { isWithin, type VirtualPath } from "../contract/path.ts";
import type { ShareRecord } from "../contract/books/share_book.ts";

/** Whether two paths are one, or one of them is above the other. */
export function isRelated(one: VirtualPath, other: VirtualPath): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

/** The key of a share. */
export function shareKey({ owner, path, guest }: ShareRecord): string {
  return [owner, path, guest].join("\0");
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
