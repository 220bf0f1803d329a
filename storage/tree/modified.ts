/** Modification times and permission bits of files and directories. */
import type { Access, Place } from "../access/access.ts";
import type { Conditional } from "./conditional.ts";
import { withClaim } from "../core/claim.ts";
import { isStoreError, notFound } from "../contract/error.ts";
import type { FileState } from "../contract/store.ts";
import { MODE_BITS } from "../contract/books/mode_book.ts";
import { checkCondition } from "../transfer/target.ts";
import { nearestTime } from "../contract/time_range.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * Sets a file's or directory's modification time; its checksum stays known.
 *
 * @returns the time that it has now: the nearest one that there is and that the disk can hold
 */
export async function setModified(
  core: VaultCore,
  access: Access,
  text: string,
  mtimeMs: number,
  { condition }: Conditional = {},
): Promise<number> {
  const place = await access.target(text, "w");
  const timeMs = nearestTime(mtimeMs);
  if (condition === undefined) return await touch(core, place, timeMs);
  await checkCondition(core, access, place, condition);
  const isFile = (await core.look(place.owner, place.path))?.entry.type === "file";
  if (!isFile) return await touch(core, place, timeMs);
  return await withClaim(core, place.owner, [place.path], async () => {
    condition.check(await core.current(place.owner, place.path));
    return await touch(core, place, timeMs);
  });
}

async function touch(core: VaultCore, place: Place, mtimeMs: number): Promise<number> {
  const { owner, path } = place;
  // In one go where the file is as it is known: who mirrors a tree sets the time of each. The record
  // goes first: should the time not be set after all, the file is not as recorded, and hashed again.
  let size = 0;
  const retime = (file: FileState) => {
    size = file.size;
    return core.catalog.retime(owner, path, file, mtimeMs);
  };
  const set = await core.store.setModified(owner, path, mtimeMs, retime).catch((error) => {
    if (isStoreError(error, "not-found")) return undefined; // told below, by the name that is shown
    throw error;
  });
  if (set !== undefined) {
    if (set !== mtimeMs) await core.catalog.retime(owner, path, { size, mtimeMs }, set);
    return set;
  }
  const found = await core.look(owner, path);
  if (found === undefined) throw notFound(place.shown);
  const now = await core.store.setModified(owner, path, mtimeMs) ?? mtimeMs;
  if (found.record) await core.catalog.retime(owner, path, found.record, now);
  return now;
}

/** Notes permission bits of a file or directory for those who fetch it; the disk keeps its own. */
export async function setMode(
  core: VaultCore,
  access: Access,
  text: string,
  mode: number,
): Promise<void> {
  const { owner, path, shown } = await access.target(text, "w");
  await withClaim(core, owner, [path], async () => {
    if (await core.look(owner, path) === undefined) throw notFound(shown);
    await core.catalog.modes.set(owner, path, mode & MODE_BITS);
  });
}
