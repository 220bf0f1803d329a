/** What the catalog notes before names of files are given, moved or removed. */
import type { VirtualPath } from "./path.ts";
import type { FileState } from "./store.ts";

/** What is known of a file's content: true of the file while size and mtime are the same. */
export interface FileRecord extends FileState {
  /** SHA-256 in hex. */
  hash: string;
  /** When this content was stored, ms: tells the newest of several versions. */
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

/** The intent to publish an upload under a final name, and what the file will be. */
export interface CommitIntent {
  uploadId: string;
  owner: string;
  path: VirtualPath;
  replace: boolean;
  file: FileRecord;
  /** Permission bits that become known with the file; not kept with the intent. */
  mode?: number;
  /** How the name is spelled, see `SpellingBook`; not kept with the intent either. */
  spelling?: string;
  /** Bytes to take from the upload's reservation (0 where it had none). */
  reservedBytes: number;
  /**
   * The number that the upload's writer must have; null: not checked, for an upload without a record
   * and for an intent that only goes with another one of its upload.
   */
  writer: number | null;
  holder: string;
}

/** A rename that has been begun. */
export interface MoveIntent {
  owner: string;
  from: VirtualPath;
  to: VirtualPath;
  holder: string;
}

/**
 * What became of one intent in `beginCommits`. `claimed`: a claim covers its name for the moment.
 * `lost`: the upload has another writer, or none.
 */
export type CommitAnswer = "ready" | "taken" | "over-quota" | "claimed" | "lost";
