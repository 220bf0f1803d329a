/** Metadata recorded for the content of files. */
import type { VirtualPath } from "./path.ts";
import type { FileState } from "./entry.ts";

/** Metadata of a file's content: valid while the file's size and mtime are the same. */
export interface FileRecord extends FileState {
  /** SHA-256 in hex. */
  hash: string;
  /** Time at which this content was stored, ms; orders the versions of a file. */
  storedMs: number;
  /** Content was found not to hash to `hash`. */
  damaged: boolean;
  /** Names the upload that it came by: see `uploadTag`. Absent where its client gave no key. */
  tag?: string;
}

/** A file, found by the upload that it came by. */
export interface FoundFile {
  path: VirtualPath;
  file: FileRecord;
}

/** Whether two records are of the same state of a file, or there are none. */
export function isSameRecord(
  one: FileRecord | null | undefined,
  other: FileRecord | null | undefined,
): boolean {
  if (!one || !other) return !one && !other;
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.hash === other.hash &&
    one.storedMs === other.storedMs && one.damaged === other.damaged;
}
