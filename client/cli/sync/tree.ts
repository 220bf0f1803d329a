/** The two trees that `sync` compares, in one form. */
import { join } from "@std/path";
import { resolve as posixResolve } from "@std/path/posix";
import type { Client } from "../../lib/connection/client.ts";
import { needRead } from "../../lib/common/environment.ts";
import { ClientError, ExitCode } from "../../lib/common/error.ts";
import { listRemote } from "../../lib/listing.ts";
import { isSafeRelative, remoteJoin } from "../../lib/local/local_path.ts";
import { toldMode } from "../../lib/local/carried_mode.ts";
import { isInPart, looksLikePart } from "../../lib/local/part_name.ts";
import { remoteType } from "../tree/remote_place.ts";
import { quoted } from "../../../common/printable.ts";
import { look, walkLocal } from "../../lib/local/walk.ts";

/** A file of a tree. */
export interface TreeFile {
  /** Its name as this side spells it, relative, with `/`. */
  name: string;
  size: number;
  /** Modification time in ms since the Unix epoch, where it is known. */
  mtime: number | undefined;
  /** SHA-256 where it is known already. */
  hash: string | undefined;
}

/**
 * Content of a tree, by name in Unicode NFC: the server normalises names, some file systems too,
 * and both spellings are the same file.
 */
export interface Tree {
  exists: boolean;
  files: Map<string, TreeFile>;
  /** Own spelling by NFC. */
  directories: Map<string, string>;
  /** Permission bits that the server has of directories, by their own spelling; "" is the root. */
  modes: Map<string, number>;
  /**
   * Neither transferred nor removed nor followed: symbolic links and special files, what cannot be
   * read and, at the source, temporary files of downloads.
   */
  untouchable: Set<string>;
  /** Skipped entries of a local tree, in its own spelling; they are listed for the user. */
  skipped: string[];
  /** Temporary files of downloads in a source, in its own spelling. */
  parts: string[];
  /** Entries that could not be listed or read, or have forbidden names at the server. */
  unlisted: ClientError[];
}

/**
 * Reads the local tree; one that is not there is empty.
 *
 * @param isSource whether it is what the server's tree becomes like
 */
export function localTree(root: string, isSource: boolean): Tree {
  needRead(root);
  const tree = emptyTree(exists(root));
  if (!tree.exists) return tree;
  if (!Deno.statSync(root).isDirectory) throw notADirectory(root);
  // At the target, downloads continue temporary files, or `--delete` removes them.
  const { files, directories, skipped, parts, failures } = walkLocal(root, {
    withParts: !isSource,
  });
  for (const name of files) {
    if (tree.files.has(name.normalize())) {
      const path = join(root, name);
      const message = `Cannot sync ${
        quoted(path)
      }: another file has this name in another Unicode form`;
      tree.unlisted.push(new ClientError(message, { exitCode: ExitCode.conflict, filename: path }));
      continue;
    }
    const info = look(join(root, name));
    const { size = 0 } = info ?? {};
    const mtime = info?.mtime?.getTime();
    tree.files.set(name.normalize(), { name, size, mtime, hash: undefined });
  }
  for (const name of directories) tree.directories.set(name.normalize(), name);
  // Entries that cannot be read must not count as removed.
  const hidden = failures.map(({ name }) => name);
  for (const name of [...skipped, ...parts, ...hidden]) tree.untouchable.add(name.normalize());
  tree.skipped.push(...skipped);
  tree.parts.push(...parts);
  tree.unlisted.push(...failures.map(({ error }) => error));
  return tree;
}

/**
 * Reads the remote tree; one that is not there is empty.
 *
 * @param isSource whether it is what the local tree becomes like
 * @throws {ClientError} where the path is a file
 */
export async function remoteTree(
  client: Client,
  root: string,
  isSource: boolean,
): Promise<Tree> {
  const type = await remoteType(client, root);
  if (type === "file") throw notADirectory(root);
  const tree = emptyTree(type !== undefined);
  if (type === undefined) return tree;
  if (isSource) {
    const told = toldMode((await client.ask("STAT", { filename: root })).data.mode);
    if (told !== undefined) tree.modes.set("", told);
  }
  // Shares of others are not part of the account's own tree.
  const home = posixResolve("/", root) === "/";
  const leaveOut = (name: string, reason: string): void => {
    const filename = remoteJoin(root, name);
    const message = `Cannot sync ${quoted(filename)}: ${reason}`;
    tree.unlisted.push(new ClientError(message, { filename }));
  };
  const pages = listRemote(client, root, true, ({ name, reason }) => leaveOut(name, reason));
  for await (const page of pages) {
    for (const { name, type, size, mtime, hash, mode } of page) {
      if (home && (name === "shared" || name.startsWith("shared/"))) continue;
      const key = name.normalize();
      if (!isSafeRelative(name) || tree.files.has(key) || tree.directories.has(key)) {
        leaveOut(name, "it is a name that must not be");
        continue;
      }
      if (isSource && isInPart(name)) {
        // Here it would be taken for the temporary file of another download, or be one's own.
        if (looksLikePart(name)) tree.parts.push(name);
        tree.untouchable.add(key);
        continue;
      }
      if (type === "directory") {
        tree.directories.set(key, name);
        const told = toldMode(mode);
        if (told !== undefined) tree.modes.set(name, told);
      } else tree.files.set(key, { name, size, mtime, hash: hash ?? undefined });
    }
  }
  return tree;
}

/** Whether a name, or a directory above it, is one that must be left alone. */
export function isUntouchable(tree: Tree, name: string): boolean {
  for (let end = name.length; end > 0; end = name.lastIndexOf("/", end - 1)) {
    if (tree.untouchable.has(name.slice(0, end))) return true;
  }
  return false;
}

function emptyTree(exists: boolean): Tree {
  return {
    exists,
    files: new Map(),
    directories: new Map(),
    modes: new Map(),
    untouchable: new Set(),
    skipped: [],
    parts: [],
    unlisted: [],
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function notADirectory(path: string): ClientError {
  return new ClientError(`Cannot sync ${quoted(path)}: it is not a directory`, {
    exitCode: ExitCode.conflict,
    filename: path,
  });
}
