import { isMissing, toStoreError } from "./os_error.ts";

/** Removes a name; nothing happens where it is not there. */
export function remove(place: string, shown: string): void {
  try {
    Deno.removeSync(place);
  } catch (error) {
    if (!isMissing(error)) throw toStoreError(error, shown);
  }
}

/** What a name stands for, links not followed; undefined where it is not there. */
export function lookAt(place: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(place);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
