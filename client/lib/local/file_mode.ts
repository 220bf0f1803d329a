/** Permission bits and owners of downloaded files. */
import type { Stats } from "node:fs";
import { nodeFs } from "../common/builtins.ts";
import { newPartPath } from "./part_name.ts";

const PERMISSION_BITS = 0o777;
const ALL_BITS = 0o7777;

/** Attributes that a replaced file passes on to its replacement. */
export interface Attributes {
  mode: number;
  uid: number;
  gid: number;
}

/** Returns what a replacement takes over from a file; undefined for a link or special file. */
export function attributesOf(info: Deno.FileInfo | undefined): Attributes | undefined {
  if (!info?.isFile || info.mode === null) return undefined;
  return { mode: info.mode & ALL_BITS, uid: info.uid ?? -1, gid: info.gid ?? -1 };
}

/** Returns the permission bits that the system gives to a new file in the target's directory. */
export function newFileMode(target: string): number | undefined {
  const path = newPartPath(target);
  const probe = Deno.openSync(path, { write: true, createNew: true, mode: 0o666 });
  try {
    const { mode } = probe.statSync();
    return mode === null ? undefined : mode & PERMISSION_BITS;
  } finally {
    probe.close();
    Deno.removeSync(path);
  }
}

/**
 * Gives a temporary file its final permission bits and, where the system allows it, owner. Refused
 * changes are skipped: temporary files have fewer permissions than the final ones.
 *
 * @param file the open temporary file, which must be the one at `path`
 */
export function setAttributes(
  path: string,
  file: Deno.FsFile,
  { mode, uid, gid }: { mode: number; uid?: number; gid?: number },
): void {
  if (Deno.build.os === "windows") return;
  const { closeSync, constants, fchmodSync, fstatSync, openSync } = nodeFs();
  const mine = file.statSync();
  // Deno has no call for an open file's mode, and `chmod` of a path would follow a link put there.
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const there = fstatSync(handle);
    if (there.ino !== mine.ino || there.dev !== mine.dev) return;
    const owned = setOwner(handle, there, uid ?? there.uid, gid ?? there.gid);
    fchmodSync(handle, owned ? mode : mode & PERMISSION_BITS);
  } catch {
    // A file system without permission bits.
  } finally {
    closeSync(handle);
  }
}

/** Whether the file has this owner and group now. */
function setOwner(handle: number, now: Stats, uid: number, gid: number): boolean {
  if ((now.uid === uid && now.gid === gid) || uid < 0) return true;
  const { fchownSync } = nodeFs();
  try {
    fchownSync(handle, uid, gid);
    return true;
  } catch {
    try {
      fchownSync(handle, now.uid, gid); // a group of one's own can be given
    } catch {
      // It stays the user's.
    }
    return false;
  }
}
