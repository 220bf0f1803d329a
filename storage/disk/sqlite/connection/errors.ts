import { advised } from "../../../../common/os_reason.ts";
import { StoreError } from "../../../contract/error.ts";
import { tooBusy } from "./turns.ts";

/** Translates an error of SQLite. */
export function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const text = cause instanceof Error ? cause.message : "";
  if (/disk is full/.test(text)) return diskFull(cause);
  if (/is locked/.test(text)) return tooBusy(cause);
  if (/readonly database/.test(text)) return readOnly(cause);
  return new StoreError("io", "The catalog cannot be read or written", {}, { cause });
}

/** The error of a write for which there is no room. */
export function diskFull(cause: unknown): StoreError {
  const message = "The server's disk is full";
  const reason = () => advised(message, "ENOSPC");
  return new StoreError("no-space", message, {}, { cause, reason });
}

function readOnly(cause: unknown): StoreError {
  const message = "The server's disk is read-only";
  const reason = () => advised(message, "EROFS");
  return new StoreError("read-only", message, {}, { cause, reason });
}
