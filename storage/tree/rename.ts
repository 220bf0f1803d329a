/** Renames of files and directories. */
import type { Access, Place } from "../access/access.ts";
import { finishMove } from "../commit/finish_move.ts";
import { moveFiles } from "../commit/record_steps.ts";
import { assertSpelled, lastOf, noteSpelling } from "../common/spelling.ts";
import { notFound, StoreError } from "../contract/error.ts";
import type { FileRecord, MoveIntent } from "../contract/intents.ts";
import { isWithin, nameOf, type VirtualPath } from "../contract/path.ts";
import { withClaim, withFirstStep } from "../core/claim.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { recheckGuests } from "../transfer/guest_uploads.ts";
import { checkCondition } from "../transfer/target.ts";
import type { Conditional } from "./conditional.ts";
import { withShares } from "./with_shares.ts";

/** Names whose spelling is the same in every Unicode form. */
const ASCII = /^[ -~]*$/;

/** How a file or directory is renamed. */
export interface RenameOptions extends Conditional {
  /** A file may take another file's name. */
  readonly overwrite?: boolean;
  /** How the new path is spelled; see `UploadRequest`. */
  readonly spelling?: string | undefined;
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
  const found = await core.look(source.owner, source.path);
  if (found === undefined) throw notFound(source.shown);
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
  if (found.record !== undefined) {
    if (await renameRecorded(core, source, target, found.record, options)) return target.shown;
  }
  await withClaim(
    core,
    source.owner,
    [source.path, target.path],
    () => renameClaimed(core, source, target, options),
  );
  return target.shown;
}

/** Renames a file that is recorded as it was seen. @returns false where nothing was done */
async function renameRecorded(
  core: VaultCore,
  { owner, path: from }: Place,
  { path: to }: Place,
  record: FileRecord,
  options: RenameOptions,
): Promise<boolean> {
  const { overwrite = false, condition, spelling } = options;
  if (condition !== undefined || (spelling !== undefined && !ASCII.test(spelling))) return false;
  const taken = await core.store.stat(owner, to);
  if (taken !== undefined && !(overwrite && taken.type === "file")) return false;
  const replaced = taken && await core.catalog.file(owner, to);
  const move = { owner, from, to, holder: core.holder };
  const seen = { source: record, target: replaced };
  return await withFirstStep(
    core,
    owner,
    [from, to],
    (claim) => core.catalog.steps.beginMove(claim, move, seen),
    async ({ shared }) => {
      await moveNoted(core, move, options);
      await core.catalog.endMove(move, true);
      if (shared) await recheckGuests(core, owner);
    },
  );
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
  await moveNoted(core, move, { overwrite, spelling });
  if (found.entry.type === "directory") {
    await moveFiles(core.catalog, move, core.options.step);
  }
  const paths = [source.path, target.path]; // what was replaced is shared no more
  await withShares(core, source.owner, paths, () => core.catalog.endMove(move, true));
  await noteSpelling(core.catalog, move.owner, move.to, lastOf(spelling));
}

/** Carries a rename out whose intent is noted; where that fails, nothing stays noted. */
async function moveNoted(
  core: VaultCore,
  move: MoveIntent,
  { overwrite = false, spelling }: RenameOptions,
): Promise<void> {
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
}
