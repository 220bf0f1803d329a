/** Conditions on what a name holds, checked again at the moment of a change. */
import type { FileRecord } from "./file_record.ts";

/** The state of a name that a condition decides about; undefined: there is nothing. */
export type Current =
  | { readonly type: "file"; readonly hash: string; readonly mtimeMs: number }
  | { readonly type: "directory" }
  | undefined;

/** A condition of a request that changes a file, so that no update of another writer is lost. */
export interface Condition {
  /** @throws {StoreError} `changed` where the name may not be changed */
  check(current: Current): void;
  /**
   * Whether the content found first is the only one that may be replaced, also when the upload is
   * resumed by a later request.
   */
  readonly pins: boolean;
}

/** The state of a name as a condition sees it. */
export function currentOf(file: FileRecord | undefined): Current {
  return file && { type: "file", hash: file.hash, mtimeMs: file.mtimeMs };
}
