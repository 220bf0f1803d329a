import { StoreError } from "./error.ts";

/** Kinds of failure at the end that leave nothing worth resuming. */
const DROPPED = new Set(["checksum", "bad-request", "exists", "changed", "bad-name"]);

/** Whether an upload that ended with this error leaves nothing worth resuming. */
export function leavesNothing(error: unknown): boolean {
  return error instanceof StoreError && DROPPED.has(error.kind);
}

/** The error for a write to an upload that has another writer, or none. */
export function takenOver(uploadId: string): StoreError {
  return new StoreError("aborted", "The upload was taken over or has ended", { uploadId });
}
