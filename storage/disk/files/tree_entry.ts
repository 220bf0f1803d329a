/** What the local file system says of an entry. */
import { StoreError } from "../../contract/error.ts";
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

/** What stands at a place, links not followed; undefined where nothing does. */
export function look(place: string, path: VirtualPath): Deno.FileInfo | undefined {
  try {
    return lookAt(place);
  } catch (error) {
    throw toStoreError(error, path);
  }
}
