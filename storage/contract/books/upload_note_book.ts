/** Metadata that clients of resumable uploads want returned, as the catalog keeps it. */

/** The file that an upload became. */
export interface UploadResult {
  /** Path as the uploader sees it. */
  path: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in hex. */
  hash: string;
}

/** A note about an upload. */
export interface UploadNote {
  /** The upload's id. */
  id: string;
  /** The account that uploads. */
  account: string;
  /** Metadata that the client sent when it created the upload, returned unchanged. */
  text: string;
  /** Null while the upload is unfinished. */
  result: UploadResult | null;
  /** Time of the note, ms since the epoch. */
  atMs: number;
}

/** Contracts are the catalog's (catalog.ts). A note goes with its account. Nothing is durable. */
export interface UploadNoteBook {
  /** Writes a note, which replaces an earlier one of the same upload. */
  put(note: UploadNote): Promise<void>;
  /** The note on an upload of this account. */
  find(id: string, account: string): Promise<UploadNote | undefined>;
  remove(id: string): Promise<void>;
  /**
   * Removes notes on finished uploads from before a time, and notes from before it on uploads that
   * are not there.
   */
  removeOld(beforeMs: number): Promise<void>;
  /** Removes all but an account's latest notes on finished uploads. */
  trim(account: string, keep: number): Promise<void>;
}
