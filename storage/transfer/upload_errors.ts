import { StoreError } from "../contract/error.ts";

/** Kinds of failure at the end that leave nothing worth resuming. */
const DROPPED = new Set(["checksum", "bad-request", "exists", "changed", "bad-name"]);

/** Whether an upload that ended with this error leaves nothing worth resuming. */
export function leavesNothing(error: unknown): boolean {
  return error instanceof StoreError && DROPPED.has(error.kind);
}
