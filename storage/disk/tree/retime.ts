import type { Condition } from "../../contract/condition.ts";
import type { FileState } from "../../contract/entry.ts";
import { isStoreError, notFound } from "../../contract/error.ts";
import type { Spot, Tree } from "../../contract/tree.ts";
import { currentAt } from "../../common/looks.ts";
import { assertUnlocked } from "../../common/locked.ts";
import { withClaim } from "../commit/claim.ts";
import type { Places } from "../interfaces/places.ts";

/** Sets a modification time on disk and in the catalog; see {@linkcode Tree.retime}. */
export async function retime(
  places: Places,
  tree: Tree,
  spot: Spot,
  mtimeMs: number,
  condition: Condition | undefined,
): Promise<number> {
  await assertUnlocked(places.catalog, spot);
  if (condition === undefined) return await touch(places, tree, spot, mtimeMs);
  const isFile = (await tree.look(spot.owner, spot.path))?.entry.type === "file";
  if (!isFile) return await touch(places, tree, spot, mtimeMs);
  return await withClaim(places, spot.owner, [spot.path], async () => {
    condition.check(await currentAt(tree, spot.owner, spot.path));
    return await touch(places, tree, spot, mtimeMs);
  });
}

async function touch(places: Places, tree: Tree, spot: Spot, mtimeMs: number): Promise<number> {
  const { store, catalog } = places;
  const { owner, path } = spot;
  // In one go where the file is as it is known: who mirrors a tree sets the time of each. The record
  // goes first: should the time not be set after all, the file is not as recorded, and hashed again.
  let size = 0;
  const retime = (file: FileState) => {
    size = file.size;
    return catalog.retime(owner, path, file, mtimeMs);
  };
  const set = await store.setModified(owner, path, mtimeMs, retime).catch((error) => {
    if (isStoreError(error, "not-found")) return undefined; // reported below, with the shown name
    throw error;
  });
  if (set !== undefined) {
    if (set !== mtimeMs) await catalog.retime(owner, path, { size, mtimeMs }, set);
    return set;
  }
  const found = await tree.look(owner, path);
  if (found === undefined) throw notFound(spot.shown);
  const now = await store.setModified(owner, path, mtimeMs) ?? mtimeMs;
  if (found.record) await catalog.retime(owner, path, found.record, now);
  return now;
}
