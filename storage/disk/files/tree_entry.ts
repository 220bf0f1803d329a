/** Reads entries from the local file system. */
import { notFound, StoreError } from "../../contract/error.ts";
import type { VirtualPath } from "../../contract/path.ts";
import type { FileState } from "../../contract/entry.ts";
import { mtimeOf } from "./file_times.ts";
import { lookAt } from "./names.ts";
import { toStoreError } from "./os_error.ts";

/** Size and modification time. */
export function stateOf(info: Deno.FileInfo): FileState {
  return { size: info.size, mtimeMs: mtimeOf(info) };
}

/** The error for a change of the root itself. */
export function rootStays(): StoreError {
  return new StoreError("denied", `"/" stays where it is`);
}

/** Reads the metadata of a place, links not followed; undefined where nothing exists. */
export function look(place: string, path: VirtualPath): Deno.FileInfo | undefined {
  try {
    return lookAt(place);
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/** As {@linkcode look}. @throws {StoreError} `not-found` where nothing exists */
export function lookFor(place: string, path: VirtualPath): Deno.FileInfo {
  const info = look(place, path);
  if (info === undefined) throw notFound(path);
  return info;
}
