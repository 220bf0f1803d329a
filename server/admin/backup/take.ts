/** Takes a backup: walks a data directory once, for any kind of target. */
import { join } from "@std/path";
import { type ManifestLine, OWN_FILES } from "./contents.ts";
import type { FileState } from "./stable_read.ts";
import { accountTrees, type LeftOut, type TreeEntry } from "./tree.ts";

/** Target of a backup: a tar, or a directory of snapshots. */
export interface BackupTarget {
  /** Adds one of the server's own files. @returns as {@linkcode addFile} */
  addOwn(name: string, path: string): Promise<FileState | string | undefined>;
  /** Adds a directory of an account's tree. */
  addDirectory(entry: TreeEntry): Promise<void>;
  /**
   * Adds a file of an account's tree.
   *
   * @returns the state that was added; a text: why there is none; undefined: it is not there
   */
  addFile(entry: TreeEntry, path: string): Promise<FileState | string | undefined>;
  /**
   * Adds the list of the accounts' files and syncs everything to the disk.
   *
   * @param manifest undefined: the files were not requested
   * @returns number of bytes written
   */
  finish(manifest: readonly ManifestLine[] | undefined): Promise<number>;
}

/** Result of a backup. */
export interface Taken {
  /** Bytes that were written. */
  bytes: number;
  files: number;
  /** Bytes of the files. */
  fileBytes: number;
  leftOut: LeftOut[];
}

/**
 * Takes a backup of all but the catalog.
 *
 * @param from `files`: whether the accounts' files are taken too
 */
export async function take(
  from: { data: string; files: boolean },
  target: BackupTarget,
): Promise<Taken> {
  const { data, files } = from;
  for (const name of OWN_FILES) {
    const path = join(data, name);
    const added = await target.addOwn(name, path);
    if (typeof added === "string") throw new Error(`${path} cannot be read: ${added}`);
  }
  const taken: Taken = { bytes: 0, files: 0, fileBytes: 0, leftOut: [] };
  const manifest = files ? await takeTrees(data, target, taken) : undefined;
  taken.bytes = await target.finish(manifest);
  return taken;
}

async function takeTrees(
  data: string,
  target: BackupTarget,
  taken: Taken,
): Promise<ManifestLine[]> {
  const lines: ManifestLine[] = [];
  const leaveOut = (one: LeftOut) => {
    lines.push(one);
    taken.leftOut.push(one);
  };
  for (const entry of accountTrees(data, leaveOut)) {
    const { name } = entry;
    if (entry.type === "directory") {
      await target.addDirectory(entry);
      lines.push(entry);
      continue;
    }
    const added = await target.addFile(entry, join(data, name));
    if (added === undefined) continue; // removed meanwhile
    if (typeof added === "string") {
      leaveOut({ name, reason: added });
      continue;
    }
    lines.push({ ...entry, ...added });
    taken.files++;
    taken.fileBytes += added.size;
  }
  return lines;
}
