/** The accounts' files on the disk, as a backup takes them. */
import { join } from "@std/path";
import { reasonOf } from "../../../common/os_reason.ts";
import { mtimeOf } from "../../../storage/open_engine.ts";
import { PLACES } from "../../data/data_directory.ts";

/** A file or directory that belongs into a backup, or why it could not be taken. */
export interface TreeEntry {
  /** Relative to the data directory: `users/b/bob/files/…`. */
  name: string;
  type: "file" | "directory";
  mode: number;
  mtimeMs: number;
  /** Bytes; 0 of a directory. */
  size: number;
}

/** Something that is not in the backup. */
export interface LeftOut {
  name: string;
  reason: string;
}

/**
 * Lists the trees of all accounts, each directory before its content. Unfinished uploads change
 * during the read, and are skipped.
 *
 * @param leaveOut called for links, pipes and the like, and for unreadable entries
 */
export function* accountTrees(
  data: string,
  leaveOut: (one: LeftOut) => void,
): Generator<TreeEntry> {
  const into = (name: string) => entriesIn(data, name, leaveOut);
  for (const letter of into(PLACES.users)) {
    for (const account of into(letter.name)) yield* below(data, `${account.name}/files`, leaveOut);
  }
}

function* below(
  data: string,
  directory: string,
  leaveOut: (one: LeftOut) => void,
): Generator<TreeEntry> {
  const top = look(data, directory, leaveOut);
  if (top?.type !== "directory") return;
  yield top;
  const waiting = [directory];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of entriesIn(data, at, leaveOut)) {
      yield entry;
      if (entry.type === "directory") waiting.push(entry.name);
    }
  }
}

function* entriesIn(
  data: string,
  directory: string,
  leaveOut: (one: LeftOut) => void,
): Generator<TreeEntry> {
  try {
    for (const { name } of Deno.readDirSync(join(data, directory))) {
      const entry = look(data, `${directory}/${name}`, leaveOut);
      if (entry !== undefined) yield entry;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      leaveOut({ name: directory, reason: reasonOf(error, null) });
    }
  }
}

function look(
  data: string,
  name: string,
  leaveOut: (one: LeftOut) => void,
): TreeEntry | undefined {
  try {
    const info = Deno.lstatSync(join(data, name));
    if (info.isFile || info.isDirectory) {
      return {
        name,
        type: info.isFile ? "file" : "directory",
        mode: (info.mode ?? 0o600) & 0o777,
        mtimeMs: mtimeOf(info),
        size: info.isFile ? info.size : 0,
      };
    }
    leaveOut({ name, reason: info.isSymlink ? "a symbolic link" : "neither file nor directory" });
  } catch (error) {
    // Names that are not UTF-8 are read with a replacement character, and lead to nothing.
    if (name.includes("\ufffd")) leaveOut({ name, reason: "its name is not UTF-8" });
    else if (!(error instanceof Deno.errors.NotFound)) {
      leaveOut({ name, reason: reasonOf(error, null) });
    }
  }
  return undefined;
}
