/** Intents that the catalog records before names of files are given, moved or removed. */
import type { FileRecord } from "../../contract/file_record.ts";
import type { VirtualPath } from "../../contract/path.ts";

export * from "../../contract/file_record.ts";

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
  /** The number that the upload's last byte took; absent for what is kept of a replaced file. */
  arrival?: number;
  /** The account that uploads, and the name that it asked for: locks of others forbid both names. */
  account?: string;
  requested?: VirtualPath;
  /** Whether it is published where something that arrived later has its name. @default false */
  pinned?: boolean;
}

/** A rename that has been begun. */
export interface MoveIntent {
  owner: string;
  from: VirtualPath;
  to: VirtualPath;
  holder: string;
  /** The number that the rename took when it began; not kept with the intent. */
  arrival?: number;
}

/**
 * Result of one intent in `beginCommits`. `claimed`: a claim covers its name for the moment.
 * `lost`: the upload has another writer, or none. `late`: the file of the name, or a removal there,
 * arrived after the upload, which must not replace it. `locked`: another account holds a lock of its
 * name.
 */
export type CommitAnswer =
  | "ready"
  | "taken"
  | "over-quota"
  | "claimed"
  | "lost"
  | "late"
  | "locked";
