import type { VirtualPath } from "../../contract/path.ts";
import type { Entry } from "../../contract/entry.ts";
import { composed, isOwn } from "./disk_names.ts";
import { mtimeOf } from "./file_times.ts";
import { leadsOut } from "./layout.ts";

/**
 * Converts the metadata of a file or directory on disk to an entry. @throws {StoreError} `denied`
 */
export function toEntry(
  name: string,
  info: Deno.FileInfo,
  path: VirtualPath,
  place: string,
): Entry {
  const mtimeMs = mtimeOf(info);
  if (!info.isFile && !info.isDirectory) throw leadsOut(path);
  const entry: Entry = info.isFile
    ? { name, type: "file", size: info.size, mtimeMs }
    : { name, type: "directory", size: 0, mtimeMs };
  if (isOwn(name)) return entry;
  const spelling = place.slice(place.lastIndexOf("/") + 1);
  return composed(spelling) === name ? { ...entry, spelling } : entry;
}
