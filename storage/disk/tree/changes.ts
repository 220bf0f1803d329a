/** Removals, in an order that a crash can be recovered from. */
import type { FileRecord } from "../../contract/file_record.ts";
import type { Condition } from "../../contract/condition.ts";
import { isStoreError } from "../../contract/error.ts";
import { childOf } from "../../contract/path.ts";
import type { Changed, RemoveDirectoryOptions, Spot, Tree } from "../../contract/tree.ts";
import { currentAt, lookAtFile } from "../../common/looks.ts";
import { Pace } from "../../common/slices.ts";
import { withClaim, withFirstStep } from "../commit/claim.ts";
import { forgetFiles } from "../commit/record_steps.ts";
import type { Places } from "../interfaces/places.ts";

/** Files of one directory that are removed with one sync; in between the caller may stop. */
const REMOVED_TOGETHER = 4096;

/** Removes a directory from disk and catalog; see {@linkcode Tree.removeDirectory}. */
export async function removeDirectory(
  places: Places,
  spot: Spot,
  { recursive = false, proceed }: RemoveDirectoryOptions,
  arrival: number,
): Promise<Changed> {
  const { store, catalog } = places;
  const { owner, path } = spot;
  const work = async () => {
    const shares = await catalog.shares.within(owner, path);
    if (!recursive) {
      // No share may outlive it; one that is not empty will not go.
      const goes = shares && (await store.names(owner, path)).length === 0;
      if (goes) await catalog.forget(owner, path, arrival);
      await store.removeDirectory(owner, path);
      return { shares };
    }
    await forgetFiles(catalog, owner, path);
    await catalog.forget(owner, path, arrival);
    await removeTree(places, spot, proceed);
    return { shares };
  };
  return await withClaim(places, owner, [path], work, spot.account);
}

async function removeTree(
  places: Places,
  spot: Spot,
  proceed: RemoveDirectoryOptions["proceed"],
  pace = new Pace(),
): Promise<void> {
  await pace.turn();
  await proceed?.(spot);
  const { store, step } = places;
  const { owner, path } = spot;
  const { directories, files, others = [] } = await store.children(owner, path);
  let unreachable = false;
  for (const name of directories) {
    const below = { owner, path: childOf(path, name), shown: childOf(spot.shown, name) };
    try {
      await removeTree(places, below, proceed, pace);
    } catch (error) {
      // Removed by another session; or its name is one that no call reaches: it goes at the end.
      if (isStoreError(error, "bad-name")) unreachable = true;
      else if (!isStoreError(error, "not-found")) throw error;
    }
    await pace.turn();
  }
  // Links, pipes and the like are removed themselves; the target of a link is never touched.
  const names = files.concat(others.map(({ name }) => name));
  for (let start = 0; start < names.length; start += REMOVED_TOGETHER) {
    const some = names.slice(start, start + REMOVED_TOGETHER);
    if ((await store.removeAll(owner, path, some)).length > 0) unreachable = true;
    await proceed?.(spot);
    await step?.("remove: some of a directory removed");
  }
  await store.removeDirectory(owner, path, { unreachable });
}

/** Removes a file from disk and catalog; see {@linkcode Tree.remove}. */
export async function remove(
  places: Places,
  tree: Tree,
  { owner, path, account }: Spot,
  condition: Condition | undefined,
  number: number,
): Promise<Changed> {
  const { store, catalog, step } = places;
  // A conditional removal concerns one content only: its number is not noted, so that it never outranks
  // an upload that arrived earlier and is published later.
  const arrival = condition === undefined ? number : undefined;
  const { record } = await lookAtFile(tree, owner, path);
  if (condition === undefined && record !== undefined) {
    const changed = await removeRecorded(places, { owner, path, account, arrival }, record);
    if (changed !== undefined) return changed;
  }
  const work = async () => {
    await lookAtFile(tree, owner, path);
    condition?.check(await currentAt(tree, owner, path));
    const shares = await catalog.shares.within(owner, path);
    // The record goes first: a crash leaves a file that is merely hashed again, never a record that
    // counts towards the quota without a file.
    await catalog.forget(owner, path, arrival);
    await step?.("remove: forgotten");
    await store.remove(owner, path);
    return { shares };
  };
  return await withClaim(places, owner, [path], work, account);
}

/** Removes a file that is recorded as it was seen. @returns undefined where nothing was done */
function removeRecorded(
  { store, catalog, holder, step }: Places,
  { owner, path, account, arrival }: Omit<Spot, "shown"> & { arrival: number | undefined },
  record: FileRecord,
): Promise<Changed | undefined> {
  return withFirstStep(
    { catalog, holder },
    owner,
    [path],
    (claim) => catalog.steps.forgetFile(claim, path, record, arrival),
    async () => {
      await step?.("remove: forgotten");
      await store.remove(owner, path);
    },
    account,
  );
}
