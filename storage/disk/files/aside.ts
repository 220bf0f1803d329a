/** The directory of content that nothing knows. */
import { existsSync } from "node:fs";
import { remove } from "./names.ts";
import { isMissing, toStoreError } from "./os_error.ts";

/** Lists such a directory by id: the part of a name before its first dot. */
export function listAside(directory: string): { id: string; bytes: number }[] {
  const found = new Map<string, number>();
  if (!existsSync(directory)) return []; // as nearly everywhere: an error would cost ten times as much
  try {
    for (const { name } of Deno.readDirSync(directory)) {
      const id = name.split(".", 1)[0]!;
      const info = Deno.lstatSync(`${directory}/${name}`);
      found.set(id, (found.get(id) ?? 0) + (info.isFile ? info.size : 0));
    }
  } catch (error) {
    if (!isMissing(error)) throw toStoreError(error, "aside");
  }
  return [...found].map(([id, bytes]) => ({ id, bytes }));
}

/** Removes all that has an id. */
export async function removeAside(directory: string, id: string): Promise<void> {
  for (const { name } of [...Deno.readDirSync(directory)]) {
    if (name.split(".", 1)[0] !== id) continue;
    const place = `${directory}/${name}`;
    if (Deno.lstatSync(place).isDirectory) await Deno.remove(place, { recursive: true });
    else remove(place, id);
  }
}
