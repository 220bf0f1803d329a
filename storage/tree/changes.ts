/** Changing the tree: directories are made, files and directories are removed. */
import { lookAtFile } from "../common/looks.ts";
import type { Access, Place } from "../access/access.ts";
import type { Spot } from "../contract/tree.ts";
import type { Conditional } from "./conditional.ts";
import { MODE_BITS } from "../contract/mode_bits.ts";
import { notFound, StoreError } from "../contract/error.ts";
import { recheckShared } from "../transfer/guest_uploads.ts";
import { namingParent } from "../transfer/upload_errors.ts";
import {
  assertDepth,
  depthOf,
  MAX_DEPTH,
  parentOf,
  tooDeep,
  type VirtualPath,
} from "../contract/path.ts";
import { assertSpelled, lastOf } from "../common/spelling.ts";
import { checkCondition, makeParents } from "../transfer/target.ts";
import type { VaultCore } from "../core/vault_core.ts";

export type { Conditional } from "./conditional.ts";
export { checkRenameSource, rename, type RenameOptions } from "./rename.ts";

/** How a directory is made. */
export interface MakeOptions {
  /** Also those above it, and one that exists is fine. */
  readonly parents?: boolean;
  /** How the path is spelled; see `UploadRequest`. */
  readonly spelling?: string | undefined;
  /** Permission bits to note, if this makes it: one that exists keeps its own. */
  readonly mode?: number | undefined;
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
    const entry = await core.tree.stat(place.owner, place.path);
    if (entry?.type === "directory") return place.shown;
    assertDepth(place.path, place.shown);
    await makeParents(core, access, place);
  }
  if (place.path === "/") await access.target(text, "c");
  await refuseTooDeep(core, place);
  await assertSpelled(core.tree, place, options.spelling);
  const { owner, path, account } = place;
  await core.tree.makeDirectory(owner, path, lastOf(options.spelling), account)
    .catch(async (error) => {
      throw await namingParent(core, place, error);
    });
  if (options.mode !== undefined) await core.tree.setMode(place, options.mode & MODE_BITS);
  return place.shown;
}

/** Refuses a directory that would lie too deep. A missing parent is reported as any other. */
async function refuseTooDeep({ tree }: VaultCore, { owner, path, shown }: Place): Promise<void> {
  if (depthOf(path) <= MAX_DEPTH) return;
  const above = await tree.stat(owner, parentOf(path));
  if (above?.type === "directory") throw tooDeep(shown);
}

/** Removes a directory, with `recursive` and all that is in it. */
export async function removeDirectory(
  core: VaultCore,
  access: Access,
  text: string,
  options: RemovalOptions = {},
): Promise<void> {
  const asked = access.changes.asked();
  const place = await access.target(text, "d");
  const entry = await core.tree.stat(place.owner, place.path);
  if (entry === undefined) throw notFound(place.shown);
  if (entry.type !== "directory") {
    throw new StoreError("not-directory", `"${place.shown}" is not a directory`);
  }
  await checkCondition(core, access, place, options.condition);
  const proceed = async (at: Spot) => {
    await access.stillAllowed({ ...place, path: at.path, shown: at.shown }, "d");
  };
  const { recursive = false } = options;
  const removal = core.tree.removeDirectory({ ...place, asked }, { recursive, proceed });
  await recheckShared(core, place.owner, await access.changes.during(removal));
}

/** Removes a file. */
export async function remove(
  core: VaultCore,
  access: Access,
  text: string,
  { condition }: Conditional = {},
): Promise<void> {
  const asked = access.changes.asked();
  const place = await access.target(text, "d");
  if (condition !== undefined) {
    await lookAtFile(core.tree, place.owner, place.path);
    await checkCondition(core, access, place, condition);
  }
  const removal = core.tree.remove({ ...place, asked }, condition);
  await recheckShared(core, place.owner, await access.changes.during(removal));
}
