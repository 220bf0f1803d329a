import { StoreError } from "../../../contract/error.ts";
import { tooBusy } from "./turns.ts";

/** What an error of SQLite means. */
export function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const text = cause instanceof Error ? cause.message : "";
  if (/disk is full/.test(text)) return diskFull(cause);
  if (/is locked/.test(text)) return tooBusy(cause);
  return new StoreError("io", "The catalog cannot be read or written", {}, { cause });
}

/** The error of a write for which there is no room. */
export function diskFull(cause: unknown): StoreError {
  return new StoreError("no-space", "The server's disk is full", {}, { cause });
}
