import { join } from "node:path";
import { localError } from "./error.ts";
import { quoted } from "./text.ts";

/** What a walk through a local directory finds; names are relative, with `/`. */
export interface LocalTree {
  files: { name: string; size: number; mtime: number }[];
  /** Every directory below, parents before children. */
  directories: string[];
  /** Directories without any entry to transfer. */
  empty: string[];
  /** Symbolic links and special files, which are not transferred. */
  skipped: string[];
}

/**
 * Lists a local tree in the order of names. Symbolic links are not followed.
 *
 * @throws {ClientError} where a directory cannot be read
 */
export function walkLocal(root: string): LocalTree {
  const tree: LocalTree = { files: [], directories: [], empty: [], skipped: [] };
  walk(root, "", tree);
  return tree;
}

function walk(directory: string, prefix: string, tree: LocalTree): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(directory)];
  } catch (error) {
    throw localError(error, `Cannot read the directory ${quoted(directory)}`, directory);
  }
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  let found = 0;
  for (const entry of entries) {
    const path = join(directory, entry.name);
    const name = prefix + entry.name;
    if (entry.isDirectory) {
      found++;
      tree.directories.push(name);
      walk(path, `${name}/`, tree);
    } else if (entry.isFile) {
      found++;
      const info = statQuietly(path);
      tree.files.push({ name, size: info?.size ?? 0, mtime: info?.mtime?.getTime() ?? 0 });
    } else {
      tree.skipped.push(name);
    }
  }
  if (found === 0 && prefix !== "") tree.empty.push(prefix.slice(0, -1));
}

/** A file that vanishes meanwhile is reported when it is opened. */
function statQuietly(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}
