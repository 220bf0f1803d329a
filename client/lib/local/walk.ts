import { basename, dirname, join } from "node:path";
import { mayRead } from "../common/environment.ts";
import { ClientError, localError } from "../common/error.ts";
import { looksLikePart } from "./part_name.ts";
import { quoted } from "../../../common/printable.ts";

/** Replaces bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/** Result of a walk through a local directory; names are relative, with `/`. */
export interface LocalTree {
  files: string[];
  /** Every directory below, parents before children. */
  directories: string[];
  /** Directories without any entry to transfer. */
  empty: string[];
  /** Symbolic links and special files, which are not transferred. */
  skipped: string[];
  /** Temporary files and directories of downloads, which are listed here alone. */
  parts: string[];
  /** Directories that cannot be read, and names that are not UTF-8: the walk skips them. */
  failures: WalkFailure[];
}

/** An entry that cannot be walked into or opened. */
export interface WalkFailure {
  /** Relative, with `/` in between and U+FFFD for each byte that is not UTF-8. */
  name: string;
  error: ClientError;
}

/** How a local tree is listed. */
export interface WalkOptions {
  /** Whether temporary files of downloads are listed like any others. */
  withParts?: boolean;
}

/**
 * Lists a local tree in the order of names. Symbolic links are not followed.
 *
 * @throws {ClientError} where the root cannot be read
 */
export function walkLocal(root: string, { withParts = false }: WalkOptions = {}): LocalTree {
  const walker = new Walker(withParts);
  walker.walk(root, "", walker.read(root, ""));
  return walker.tree;
}

class Walker {
  readonly tree: LocalTree = {
    files: [],
    directories: [],
    empty: [],
    skipped: [],
    parts: [],
    failures: [],
  };

  constructor(readonly withParts: boolean) {}

  walk(directory: string, prefix: string, entries: Deno.DirEntry[]): void {
    const { tree } = this;
    let found = 0;
    for (const entry of entries) {
      const name = prefix + entry.name;
      if (!this.withParts && !entry.isSymlink && looksLikePart(entry.name)) {
        tree.parts.push(name);
      } else if (entry.isDirectory) {
        found++;
        const below = join(directory, entry.name);
        let children: Deno.DirEntry[];
        try {
          children = this.read(below, `${name}/`);
        } catch (error) {
          const cannot = `Cannot read the directory ${quoted(below)}`;
          tree.failures.push({ name, error: localError(error, cannot, below) });
          continue;
        }
        tree.directories.push(name);
        this.walk(below, `${name}/`, children);
      } else if (entry.isFile) {
        found++;
        tree.files.push(name);
      } else {
        tree.skipped.push(name);
      }
    }
    if (found === 0 && prefix !== "") tree.empty.push(prefix.slice(0, -1));
  }

  /** The entries of a directory, in the order of names. */
  read(directory: string, prefix: string): Deno.DirEntry[] {
    let entries: Deno.DirEntry[];
    try {
      entries = [...Deno.readDirSync(directory)];
    } catch (error) {
      throw localError(error, `Cannot read the directory ${quoted(directory)}`, directory);
    }
    const { good, bad } = sortOut(directory, entries);
    for (const name of bad) {
      this.tree.failures.push({ name: prefix + name, error: notUtf8(join(directory, name)) });
    }
    return good.sort((a, b) => a.name < b.name ? -1 : 1);
  }
}

/**
 * Separates the names that are not UTF-8: Deno gives U+FFFD for each bad byte, and what such a name
 * opens is another file or none.
 */
function sortOut(
  directory: string,
  entries: Deno.DirEntry[],
): { good: Deno.DirEntry[]; bad: string[] } {
  if (!entries.some(({ name }) => name.includes(REPLACEMENT))) return { good: entries, bad: [] };
  const good = entries.filter(({ name }) => !name.includes(REPLACEMENT));
  const doubtful = entries.map(({ name }) => name).filter((name) => name.includes(REPLACEMENT));
  const bad: string[] = [];
  for (const name of new Set(doubtful)) {
    const info = lstat(join(directory, name));
    const alike = doubtful.filter((other) => other === name).length;
    // One of them may truly be called so; only that one can be opened.
    for (let left = alike; left > (info === undefined ? 0 : 1); left--) bad.push(name);
    if (info === undefined) continue;
    const { isFile, isDirectory, isSymlink } = info;
    good.push({ name, isFile, isDirectory, isSymlink });
  }
  return { good, bad };
}

/**
 * Refuses a path of the command line that may mean another file than the one it opens: where a name
 * in it is not UTF-8, U+FFFD takes the place of each bad byte.
 *
 * @throws {ClientError} where a directory has several names that read the same
 */
export function needClearName(path: string): void {
  if (!path.includes(REPLACEMENT)) return;
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (!basename(at).includes(REPLACEMENT)) continue;
    const entries = [...Deno.readDirSync(dirname(at))];
    if (entries.filter(({ name }) => name === basename(at)).length > 1) throw notUtf8(at);
  }
}

function notUtf8(path: string): ClientError {
  return new ClientError(
    `Cannot upload ${quoted(path)}: its name is not UTF-8. Rename it, for instance with convmv`,
    { filename: path },
  );
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Size of a local file; 0 if it has vanished, which opening it will report. */
export function localSize(path: string): number {
  return look(path)?.size ?? 0;
}

/** Reads the metadata of a local name; undefined if it cannot be read. */
export function look(path: string): Deno.FileInfo | undefined {
  try {
    return mayRead(path) ? Deno.statSync(path) : undefined;
  } catch {
    return undefined;
  }
}
