/** Changing the tree: directories are made, files and directories are removed. */
import type { Access, Place } from "../access/access.ts";
import { withClaim, withFirstStep } from "../core/claim.ts";
import type { Conditional } from "./conditional.ts";
import { isStoreError, notFound, StoreError } from "../contract/error.ts";
import { recheckGuests } from "../transfer/guest_uploads.ts";
import { forgetFiles } from "../commit/record_steps.ts";
import type { FileRecord } from "../contract/intents.ts";
import { childOf, type VirtualPath } from "../contract/path.ts";
import { Pace } from "../common/slices.ts";
import { assertSpelled, lastOf, noteSpelling } from "../common/spelling.ts";
import { checkCondition, makeParents } from "../transfer/target.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { withShares } from "./with_shares.ts";

export type { Conditional } from "./conditional.ts";
export { checkRenameSource, rename, type RenameOptions } from "./rename.ts";

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
  const { record } = await core.lookAtFile(place.owner, place.path);
  if (condition === undefined && record !== undefined) {
    if (await removeRecorded(core, place, record)) return;
  }
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

/** Removes a file that is recorded as it was seen. @returns false where nothing was done */
function removeRecorded(
  core: VaultCore,
  { owner, path }: Place,
  record: FileRecord,
): Promise<boolean> {
  return withFirstStep(
    core,
    owner,
    [path],
    (claim) => core.catalog.steps.forgetFile(claim, path, record),
    async ({ shared }) => {
      await core.options.step?.("remove: forgotten");
      await core.store.remove(owner, path);
      if (shared) await recheckGuests(core, owner);
    },
  );
}
