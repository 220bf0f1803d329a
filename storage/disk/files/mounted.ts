/** Directories of mounts on the host; each is checked to be the one that was mounted. */
import { isMissing } from "./os_error.ts";
import { mountIsGone, mountName, type MountRecord } from "../../contract/mount.ts";

/** Finds the mount whose tree an owner has; undefined: there is none. */
export type FindMount = (owner: string) => MountRecord | undefined;

/**
 * Tells a directory from another one at the same place, also after a restart of the host: devices may
 * have other numbers then, so it is the number of the directory and, where the file system knows it,
 * the time at which it was made.
 */
export function identityOf({ ino, birthtime }: Deno.FileInfo): string {
  return `${ino} ${birthtime?.getTime() ?? ""}`;
}

/**
 * The directory of the mount that owns a tree, after a check that it is the one that was mounted. An
 * empty directory in the place of an unmounted disk must not be taken for it: a client that
 * synchronises would remove everything.
 *
 * @throws {StoreError} `unreachable`
 */
export function mountedDirectory(owner: string, find: FindMount): string {
  const name = mountName(owner);
  const mount = find(owner);
  if (mount === undefined) throw mountIsGone(name, `the mount "${name}" has ended`);
  const { directory, identity } = mount;
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(directory);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw mountIsGone(name, `${directory}: this worker is not permitted to use it yet`, error);
    }
    throw mountIsGone(name, `${directory}: ${isMissing(error) ? "it is gone" : error}`, error);
  }
  if (info.isDirectory && identityOf(info) === identity) return directory;
  throw mountIsGone(name, `${directory}: it is another directory than the one that was mounted`);
}
