/** Changing the tree: directories, removal, renames, copies. */
import type { Access, Place } from "../access/access.ts";
import { withClaim } from "../core/claim.ts";
import type { Condition } from "../access/condition.ts";
import { isStoreError, notFound, StoreError } from "../contract/error.ts";
import { recheckGuests } from "../transfer/guest_uploads.ts";
import { forgetFiles, moveFiles } from "../commit/record_steps.ts";
import { childOf, isWithin, nameOf, type VirtualPath } from "../contract/path.ts";
import { finishMove } from "../commit/finish_move.ts";
import { Pace } from "../common/slices.ts";
import { assertSpelled, noteSpelling } from "../common/spelling.ts";
import { checkCondition, makeParents } from "../transfer/target.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** What a change may depend on. */
export interface Conditional {
  /** Checked on what is to be changed, for a rename or copy on its source. Needs r. */
  readonly condition?: Condition | undefined;
}

/** How a directory is made. */
export interface MakeOptions {
  /** Also those above it, and one that exists is fine. */
  readonly parents?: boolean;
  /** How the path is spelled; see `UploadRequest`. */
  readonly spelling?: string | undefined;
}

/** How a directory is removed. */
export interface RemovalOptions extends Conditional {
  /** With all that is in it. */
  readonly recursive?: boolean;
}

/** How a file or directory is renamed. */
export interface RenameOptions extends Conditional {
  /** A file may take another file's name. */
  readonly overwrite?: boolean;
  /** How the new path is spelled; see `UploadRequest`. */
  readonly spelling?: string | undefined;
}

/** Makes a directory; with `parents` also those above it, and one that exists is fine. */
export async function makeDirectory(
  core: VaultCore,
  access: Access,
  text: string,
  options: MakeOptions = {},
): Promise<VirtualPath> {
  const place = await access.place(text, "c");
  if (options.parents) {
    const entry = await core.store.stat(place.owner, place.path);
    if (entry?.type === "directory") return place.shown;
    await makeParents(core, access, place);
  }
  if (place.path === "/") await access.target(text, "c");
  await assertSpelled(core, place, options.spelling);
  const spelling = lastOf(options.spelling);
  await core.store.makeDirectory(place.owner, place.path, spelling);
  await noteSpelling(core.catalog, place.owner, place.path, spelling);
  return place.shown;
}

/** Removes a directory, with `recursive` and all that is in it. */
export async function removeDirectory(
  core: VaultCore,
  access: Access,
  text: string,
  options: RemovalOptions = {},
): Promise<void> {
  const place = await access.target(text, "d");
  const entry = await core.store.stat(place.owner, place.path);
  if (entry === undefined) throw notFound(place.shown);
  if (entry.type !== "directory") {
    throw new StoreError("not-directory", `"${place.shown}" is not a directory`);
  }
  await checkCondition(core, access, place, options.condition);
  await withClaim(
    core,
    place.owner,
    [place.path],
    () =>
      withShares(core, place.owner, [place.path], async () => {
        if (!options.recursive) {
          await endShares(core, place);
          return await core.store.removeDirectory(place.owner, place.path);
        }
        await forgetFiles(core.catalog, place.owner, place.path);
        await core.catalog.forget(place.owner, place.path);
        await removeTree(core, place, access);
      }),
  );
}

/**
 * Does what ends or moves the shares at and below paths of an account. All workers know of it before it is
 * acknowledged: a guest must not find what its owner puts under the name next.
 */
async function withShares(
  core: VaultCore,
  owner: string,
  paths: VirtualPath[],
  work: () => Promise<void>,
): Promise<void> {
  const { shares } = core.catalog;
  const concerned = await Promise.all(paths.map((path) => shares.within(owner, path)));
  await work();
  if (concerned.includes(true)) await recheckGuests(core, owner);
}

/** Ends what is shared of an empty directory, before it goes: no share may outlive it. */
async function endShares(core: VaultCore, { owner, path }: Place): Promise<void> {
  if (!await core.catalog.shares.within(owner, path)) return;
  if ((await core.store.names(owner, path)).length > 0) return; // it will not go
  await core.catalog.forget(owner, path);
}

/** Files of one directory that are removed with one sync; between them it is looked whether it may go on. */
const REMOVED_TOGETHER = 4096;

async function removeTree(
  core: VaultCore,
  place: Place,
  access: Access,
  pace = new Pace(),
): Promise<void> {
  await access.stillAllowed(place, "d");
  const { owner, path } = place;
  const { directories, files, others = [] } = await core.store.children(owner, path);
  let unreachable = false;
  for (const name of directories) {
    const below = { owner, path: childOf(path, name), shown: childOf(place.shown, name) };
    try {
      await removeTree(core, below, access, pace);
    } catch (error) {
      // Removed by another session; or its name is one that no call reaches: it goes at the end.
      if (isStoreError(error, "bad-name")) unreachable = true;
      else if (!isStoreError(error, "not-found")) throw error;
    }
    await pace.turn();
  }
  // Links, pipes and the like go themselves; what a link leads to is never looked at.
  const names = files.concat(others.map(({ name }) => name));
  for (let start = 0; start < names.length; start += REMOVED_TOGETHER) {
    const some = names.slice(start, start + REMOVED_TOGETHER);
    if ((await core.store.removeAll(owner, path, some)).length > 0) unreachable = true;
    await access.stillAllowed(place, "d");
    await core.options.step?.("remove: some of a directory removed");
  }
  await core.store.removeDirectory(owner, path, { unreachable });
}

/** Removes a file. */
export async function remove(
  core: VaultCore,
  access: Access,
  text: string,
  { condition }: Conditional = {},
): Promise<void> {
  const place = await access.target(text, "d");
  await core.lookAtFile(place.owner, place.path);
  await checkCondition(core, access, place, condition);
  await withClaim(core, place.owner, [place.path], async () => {
    await core.lookAtFile(place.owner, place.path);
    condition?.check(await core.current(place.owner, place.path));
    // Forgotten first: a crash leaves a file that is merely hashed anew, never a record that counts
    // to the quota without a file.
    await withShares(core, place.owner, [place.path], async () => {
      await core.catalog.forget(place.owner, place.path);
      await core.options.step?.("remove: forgotten");
      await core.store.remove(place.owner, place.path);
    });
  });
}

/** Checks what a rename is begun with: letters and that the file or directory is there. */
export async function checkRenameSource(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<VirtualPath> {
  const place = await access.target(text, "dw");
  if (await core.look(place.owner, place.path) === undefined) throw notFound(place.shown);
  return place.shown;
}

/** Renames a file or directory; with `overwrite` a file may take another file's name. */
export async function rename(
  core: VaultCore,
  access: Access,
  from: string,
  to: string,
  options: RenameOptions = {},
): Promise<VirtualPath> {
  const source = await access.target(from, "dw");
  const target = await access.target(to, "w");
  if (await core.look(source.owner, source.path) === undefined) throw notFound(source.shown);
  await checkCondition(core, access, source, options.condition);
  if (source.owner !== target.owner) {
    throw new StoreError("denied", "A file cannot be renamed into another account's tree");
  }
  if (source.path === target.path) {
    await respell(core, target, options.spelling);
    return target.shown;
  }
  if (isWithin(target.path, source.path)) {
    throw new StoreError("bad-request", `"${source.shown}" cannot be moved into itself`);
  }
  await withClaim(
    core,
    source.owner,
    [source.path, target.path],
    () => renameClaimed(core, source, target, options),
  );
  return target.shown;
}

/** Gives a name another Unicode form. */
async function respell(core: VaultCore, place: Place, spelling: string | undefined): Promise<void> {
  const last = lastOf(spelling);
  if (last === undefined) return;
  const { owner, path } = place;
  await withClaim(core, owner, [path], async () => {
    await core.store.rename(owner, path, path, { replace: false, spelling: last });
    await noteSpelling(core.catalog, owner, path, last);
  });
}

function lastOf(spelling: string | undefined): string | undefined {
  return spelling === undefined ? undefined : nameOf(spelling);
}

async function renameClaimed(
  core: VaultCore,
  source: Place,
  target: Place,
  { overwrite = false, condition, spelling }: RenameOptions,
): Promise<void> {
  // Looked at again: before it was claimed others may have changed it.
  const found = await core.look(source.owner, source.path);
  if (found === undefined) throw notFound(source.shown);
  condition?.check(await core.current(source.owner, source.path));
  await assertSpelled(core, target, spelling);
  const { holder } = core;
  const move = { owner: source.owner, from: source.path, to: target.path, holder };
  const taken = await core.store.stat(target.owner, target.path);
  if (
    taken !== undefined &&
    !(overwrite && taken.type === "file" && found.entry.type === "file")
  ) {
    throw new StoreError("exists", `"${target.shown}" exists already`);
  }
  await core.catalog.beginMove(move);
  await core.options.step?.("rename: intent noted");
  try {
    await core.store.rename(move.owner, move.from, move.to, {
      replace: overwrite,
      ...(spelling !== undefined && { spelling: nameOf(spelling) }),
    });
  } catch (error) {
    // It may have failed behind the rename itself: the records go where the file is.
    const done = await finishMove(core.store, move);
    if (done) await moveFiles(core.catalog, move);
    await core.catalog.endMove(move, done);
    throw error;
  }
  await core.options.step?.("rename: renamed");
  if (found.entry.type === "directory") {
    await moveFiles(core.catalog, move, core.options.step);
  }
  const paths = [source.path, target.path]; // what was replaced is shared no more
  await withShares(core, source.owner, paths, () => core.catalog.endMove(move, true));
  await noteSpelling(core.catalog, move.owner, move.to, lastOf(spelling));
}
