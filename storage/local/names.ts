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

/** Names of files that calls which were cut short left in a directory of parts. */
export function leftoversIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)]
      .filter(({ name, isDirectory }) => !isDirectory && /\.(part|json)\.new$/.test(name))
      .map(({ name }) => name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw toStoreError(error, "parts");
  }
}

/** Ids of the uploads of which anything lies in a directory of parts. */
export function partIds(directory: string): string[] {
  const ids = new Set<string>();
  try {
    for (const entry of Deno.readDirSync(directory)) {
      const match = /^([A-Za-z0-9_-]+)\.(part|json|old|new)$/.exec(entry.name);
      if (match && entry.isFile) ids.add(match[1]!);
    }
  } catch (error) {
    if (!isMissing(error)) throw toStoreError(error, "parts");
  }
  return [...ids];
}
