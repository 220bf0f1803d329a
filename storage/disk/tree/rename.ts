/** Renames, in an order that a crash can be recovered from. */
import { notFound, StoreError } from "../../contract/error.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import { nameOf } from "../../contract/path.ts";
import type { Changed, MoveOptions, Spot, Tree } from "../../contract/tree.ts";
import { currentAt } from "../../common/looks.ts";
import { assertSpelled } from "../../common/spelling.ts";
import { withClaim, withFirstStep } from "../commit/claim.ts";
import { finishMove } from "../commit/finish_move.ts";
import { moveFiles } from "../commit/record_steps.ts";
import { noteSpelling } from "../commit/spelled.ts";
import type { MoveIntent } from "../interfaces/intents.ts";
import type { Places } from "../interfaces/places.ts";

/** Names whose spelling is the same in every Unicode form. */
const ASCII = /^[ -~]*$/;

/** A rename, and the number that it took when it began (arrivals.ts). */
interface NumberedMove extends MoveOptions {
  readonly arrival: number;
}

/** Renames on disk and in the catalog; see {@linkcode Tree.rename}. */
export async function rename(
  places: Places,
  tree: Tree,
  from: Spot,
  to: Spot,
  options: NumberedMove,
): Promise<Changed> {
  const { owner } = from;
  if (from.path === to.path) {
    const { spelling } = options;
    if (spelling === undefined) return { shares: false };
    await withClaim(
      places,
      owner,
      [to.path],
      () => respell(places, to, spelling),
      from.account,
    );
    return { shares: false };
  }
  if (options.seen !== undefined) {
    const changed = await renameRecorded(places, from, to, options.seen, options);
    if (changed !== undefined) return changed;
  }
  const paths = [from.path, to.path];
  return await withClaim(
    places,
    owner,
    paths,
    () => renameClaimed(places, tree, from, to, options),
    from.account,
  );
}

/** Gives a name another Unicode form. */
async function respell(
  { store, catalog }: Places,
  { owner, path }: Spot,
  spelling: string,
): Promise<void> {
  await store.rename(owner, path, path, { replace: false, spelling: nameOf(spelling) });
  await noteSpelling(catalog, owner, path, spelling);
}

/** Renames a file that is recorded as it was seen. @returns undefined where nothing was done */
async function renameRecorded(
  places: Places,
  { owner, path: from, account }: Spot,
  { path: to }: Spot,
  record: FileRecord,
  options: NumberedMove,
): Promise<Changed | undefined> {
  const { store, catalog, holder } = places;
  const { replace, condition, spelling, arrival } = options;
  if (condition !== undefined || (spelling !== undefined && !ASCII.test(spelling))) {
    return undefined;
  }
  const taken = await store.vacant?.(owner, to) ? undefined : await store.stat(owner, to);
  if (taken !== undefined && !(replace && taken.type === "file")) return undefined;
  const replaced = taken && await catalog.file(owner, to);
  const move = { owner, from, to, holder, arrival };
  const seen = { source: record, target: replaced };
  return await withFirstStep(
    places,
    owner,
    [from, to],
    (claim) => catalog.steps.beginMove(claim, move, seen),
    async () => {
      await moveNoted(places, move, options);
      await catalog.endMove(move, true);
    },
    account,
  );
}

async function renameClaimed(
  places: Places,
  tree: Tree,
  source: Spot,
  target: Spot,
  options: NumberedMove,
): Promise<Changed> {
  const { store, catalog, holder, step } = places;
  const { replace, condition, spelling, arrival } = options;
  // Checked again: it may have changed before the claim.
  const found = await tree.look(source.owner, source.path);
  if (found === undefined) throw notFound(source.shown);
  condition?.check(await currentAt(tree, source.owner, source.path));
  await assertSpelled(tree, target, spelling);
  const move = { owner: source.owner, from: source.path, to: target.path, holder, arrival };
  const taken = await store.stat(target.owner, target.path);
  if (taken !== undefined && !(replace && taken.type === "file" && found.entry.type === "file")) {
    throw new StoreError("exists", `"${target.shown}" exists already`);
  }
  await catalog.beginMove(move);
  await moveNoted(places, move, options);
  if (found.entry.type === "directory") await moveFiles(catalog, move, step);
  // Shares of the replaced file end.
  const within = [source.path, target.path].map((path) => catalog.shares.within(move.owner, path));
  const shares = (await Promise.all(within)).includes(true);
  await catalog.endMove(move, true);
  await noteSpelling(catalog, move.owner, move.to, spelling);
  return { shares };
}

/** Carries a rename out whose intent is noted; where that fails, nothing stays noted. */
async function moveNoted(
  { store, catalog, step }: Places,
  move: MoveIntent,
  { replace, spelling }: MoveOptions,
): Promise<void> {
  await step?.("rename: intent noted");
  try {
    await store.rename(move.owner, move.from, move.to, {
      replace,
      ...(spelling !== undefined && { spelling: nameOf(spelling) }),
    });
  } catch (error) {
    // It may have failed behind the rename itself: the records go where the file is.
    const done = await finishMove(store, move);
    if (done) await moveFiles(catalog, move);
    await catalog.endMove(move, done);
    throw error;
  }
  await step?.("rename: renamed");
}
