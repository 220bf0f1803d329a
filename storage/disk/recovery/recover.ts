/**
 * Recovery (docs/storage.md, "Recovery"): at start, before any door listens, of everything; while
 * other workers run, of what one that has failed left behind. Every state that a crash can leave
 * between two steps is brought forward or back: nothing acknowledged is lost, nothing
 * unacknowledged becomes visible, nothing unknown is deleted. It may itself be interrupted at any
 * point and run again.
 */
import { countAside, settleAside } from "./aside.ts";
import type { AsideRecord } from "../interfaces/aside_book.ts";
import {
  type Account,
  type DiskCatalog,
  NO_PASSWORD,
  type UploadRecord,
} from "../interfaces/disk_catalog.ts";
import { StoreError } from "../../contract/error.ts";
import { moveFiles } from "../commit/record_steps.ts";
import { finishMove } from "../commit/finish_move.ts";
import { takeBackIntents } from "../commit/keep.ts";
import { lostFile } from "./lost_files.ts";
import { osCode } from "../../../common/os_error.ts";
import { reasonOf } from "../../../common/os_reason.ts";
import type { RecoveryOptions, RecoveryProgress, RecoveryReport } from "../../contract/engine.ts";
import type { StepHook } from "../../contract/step.ts";
import { partTagOf } from "../parts/part_id.ts";
import { type PartPlaces, settleParts, settlePartsOf } from "./settle_parts.ts";
import type { Store } from "../interfaces/store.ts";
import { nothingRecovered } from "../../contract/recovery.ts";
import { isMountOwner, ownerText } from "../../contract/mount.ts";

/** Scope and limits of a recovery. */
export interface RecoverySettings extends RecoveryOptions {
  step?: StepHook | undefined;
}

/** Brings store and catalog into agreement. */
export async function recover(
  store: Store,
  catalog: DiskCatalog,
  { holders, step, progress = () => {} }: RecoverySettings = {},
): Promise<RecoveryReport> {
  const report: RecoveryReport = nothingRecovered();
  const isConcerned = ({ holder }: { holder: string | null }) =>
    holders === undefined || (holder !== null && holders.includes(holder));
  const recovery: Recovery = { store, catalog, report, step, progress, isConcerned };
  await finishMoves(recovery);
  await takeBackCommits(recovery);
  await removeFinished(recovery);
  for (const claim of (await catalog.claims.all()).filter(isConcerned)) {
    if (claim.paths.includes("/")) await settleAccount(recovery, claim.owner);
    await catalog.claims.release(claim);
  }
  const uploads = (await catalog.uploads()).filter(isConcerned);
  const held = uploads.filter(({ holder }) => holder !== null);
  for (const upload of each(recovery, "unfinished uploads", held)) {
    await catalog.releaseUpload(upload);
  }
  const byOwner = Map.groupBy(uploads, ({ owner }) => owner);
  const accounts = await ownersOf(catalog);
  if (holders !== undefined) {
    const tags = holders.map(partTagOf);
    for (const { name } of each(recovery, "accounts", accounts)) {
      const records = byOwner.get(name) ?? [];
      await goOn(recovery, name, async () => {
        const before = report.setAside;
        await settlePartsOf(recovery, name, records, tags);
        if (report.setAside > before) await countAside(store, catalog, name);
      });
    }
    return report;
  }
  const asides = Map.groupBy(await catalog.asides.all(), ({ owner }) => owner);
  for (const account of each(recovery, "accounts", accounts)) {
    const { name } = account;
    const known = { uploads: byOwner.get(name) ?? [], asides: asides.get(name) ?? [] };
    await goOn(recovery, name, () => recoverAccount(recovery, account, known));
  }
  await catalog.recount();
  // Nothing is being sent yet: what is announced holds room once it is.
  await catalog.shrinkReservations(Number.MAX_SAFE_INTEGER);
  return report;
}

/** A tree that is to be recovered: an account's, or a mount's. */
type Owner = Pick<Account, "name" | "quotaBytes" | "passwordHash">;

async function ownersOf(catalog: DiskCatalog): Promise<Owner[]> {
  const mounts = await catalog.mounts?.all() ?? [];
  const owners = mounts.map(({ owner, quotaBytes }) => ({
    name: owner,
    quotaBytes,
    passwordHash: "",
  }));
  return [...await catalog.accounts(), ...owners];
}

interface Recovery extends PartPlaces {
  readonly report: RecoveryReport;
  readonly progress: RecoveryProgress;
  readonly isConcerned: (noted: { holder: string | null }) => boolean;
}

/** Gives out what is to be settled, and says how far it is. */
function* each<T>({ progress }: Recovery, kind: string, all: readonly T[]): Generator<T> {
  for (const [done, one] of all.entries()) {
    progress(kind, done, all.length);
    yield one;
  }
}

/**
 * Recovers one part of an account. If its files cannot be read or written, that is reported and the
 * other accounts are recovered: one account must not stop the server. The rest waits for the next
 * start.
 */
async function goOn(
  { report }: Recovery,
  owner: string,
  settle: () => Promise<void>,
): Promise<void> {
  try {
    await settle();
  } catch (error) {
    const ofDisk = error instanceof StoreError || osCode(error) !== undefined;
    if (!ofDisk) throw error;
    report.troubles.push(`${ownerText(owner)}: ${reasonOf(error)}`);
  }
}

/** Settles an account that was being made or removed. */
async function settleAccount(recovery: Recovery, name: string): Promise<void> {
  const account = await recovery.catalog.account(name);
  if (account === undefined) return;
  await goOn(recovery, name, async () => {
    if (!await removeRetired(recovery, account)) await recovery.store.addAccount(name);
  });
}

/** Completes the removal of an account. @returns whether there was one to complete */
async function removeRetired(recovery: Recovery, account: Owner): Promise<boolean> {
  const { store, catalog, report, step } = recovery;
  if (account.passwordHash !== NO_PASSWORD) return false;
  await store.removeAccount(account.name, { keepAside: true });
  await step?.("recovery: account put aside");
  await catalog.removeAccount(account.name);
  report.accountsRemoved++;
  return true;
}

async function recoverAccount(
  recovery: Recovery,
  account: Owner,
  known: { uploads: readonly UploadRecord[]; asides: readonly AsideRecord[] },
): Promise<void> {
  const { store, catalog, report } = recovery;
  const { name } = account;
  if (await removeRetired(recovery, account)) return;
  await store.addAccount(name);
  await settleParts(recovery, name, known.uploads);
  await settleAside(store, catalog, account, known.asides);
  // Files in a mount are other programs' to remove.
  if (isMountOwner(name)) return;
  const lost = await lostFile(store, catalog, name);
  if (lost === undefined) return;
  report.troubles.push(
    `account ${name}: files that the catalog knows are not on the disk, "${lost}" is the first: ` +
      `restore them, and let "admin verify" name what is missing`,
  );
}

async function finishMoves(recovery: Recovery): Promise<void> {
  const { store, catalog, report, step, isConcerned } = recovery;
  const moves = (await catalog.moveIntents()).filter(isConcerned);
  for (const move of each(recovery, "renames", moves)) {
    await goOn(recovery, move.owner, async () => {
      const done = await finishMove(store, move);
      await step?.("recovery: rename settled");
      if (done) await moveFiles(catalog, move);
      await catalog.endMove(move, done);
      if (done) report.movesFinished++;
    });
  }
}

async function takeBackCommits(recovery: Recovery): Promise<void> {
  const { store, catalog, report, step, isConcerned } = recovery;
  const intents = (await catalog.commitIntents()).filter(isConcerned);
  const byUpload = Map.groupBy(intents, ({ owner, uploadId }) => `${owner}:${uploadId}`);
  for (const ofOne of each(recovery, "uploads that were being published", [...byUpload.values()])) {
    await goOn(recovery, ofOne[0]!.owner, async () => {
      await takeBackIntents(store, catalog, ofOne, step);
      report.commitsTakenBack++;
    });
  }
}

async function removeFinished(recovery: Recovery): Promise<void> {
  const { store, catalog, report, step, isConcerned } = recovery;
  const finished = (await catalog.finishedUploads()).filter(isConcerned);
  for (const upload of each(recovery, "finished uploads", finished)) {
    await goOn(recovery, upload.owner, async () => {
      await store.removePart(upload.owner, upload.id);
      await step?.("recovery: finished part removed");
      await catalog.removeUpload(upload);
      report.partsRemoved++;
    });
  }
}
