import type { StoreTags } from "../interfaces/store.ts";
import { isMissing, toStoreError } from "./os_error.ts";

/** Removes a name; nothing happens where it is not there. */
export function remove(place: string, shown: string): void {
  try {
    Deno.removeSync(place);
  } catch (error) {
    if (!isMissing(error)) throw toStoreError(error, shown);
  }
}

/** Reads the metadata of a place, links not followed; undefined where nothing exists. */
export function lookAt(place: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(place);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Files and links in a directory of parts; none where there is no such directory. */
export function entriesOfParts(directory: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(directory)].filter(({ isDirectory }) => !isDirectory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw toStoreError(error, "parts");
  }
}

/**
 * Removes leftovers of interrupted calls among the parts. @param of the workers that made the calls
 */
export function removeLeftovers(
  directory: string,
  entries: readonly Deno.DirEntry[],
  of: StoreTags,
): void {
  for (const { name } of entries) {
    const tag = /(?:^|\.)([^.]*)\.(?:part|json)\.new$/.exec(name)?.[1];
    if (tag !== undefined && (of === "all" || of.includes(tag))) {
      remove(`${directory}/${name}`, name);
    }
  }
}

/** Ids of the uploads of which anything is among the entries of a directory of parts. */
export function partIds(entries: readonly Deno.DirEntry[]): string[] {
  const ids = new Set<string>();
  for (const { name, isFile } of entries) {
    const match = /^([A-Za-z0-9_-]+)\.(part|json|old|new)$/.exec(name);
    if (match && isFile) ids.add(match[1]!);
  }
  return [...ids];
}
