import { join } from "node:path";
import { mayRead } from "./environment.ts";
import { localError } from "./error.ts";
import { quoted } from "./text.ts";

/** What a walk through a local directory finds; names are relative, with `/`. */
export interface LocalTree {
  files: string[];
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
    const name = prefix + entry.name;
    if (entry.isDirectory) {
      found++;
      tree.directories.push(name);
      walk(join(directory, entry.name), `${name}/`, tree);
    } else if (entry.isFile) {
      found++;
      tree.files.push(name);
    } else {
      tree.skipped.push(name);
    }
  }
  if (found === 0 && prefix !== "") tree.empty.push(prefix.slice(0, -1));
}

/** Bytes of a local file; 0 where it has vanished, which is told when it is opened. */
export function localSize(path: string): number {
  return look(path)?.size ?? 0;
}

/** What stands under a local name, where that can be told. */
export function look(path: string): Deno.FileInfo | undefined {
  try {
    return mayRead(path) ? Deno.statSync(path) : undefined;
  } catch {
    return undefined;
  }
}
