/**
 * Recovery at start, before any door listens (docs/design.md, "Recovery"). Every state that a
 * crash can leave between two steps is brought forward or back: nothing acknowledged is lost,
 * nothing unacknowledged becomes visible, nothing unknown is deleted. It may itself be interrupted
 * at any point and run again.
 */
import { type Catalog, type MoveIntent, NO_PASSWORD } from "./catalog.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { isStoreError } from "./error.ts";
import { takeBackIntents } from "./keep.ts";
import type { StepHook } from "./part.ts";
import type { Store } from "./store.ts";

/** What recovery found and did. */
export interface RecoveryReport {
  /** Renames that were finished. */
  movesFinished: number;
  /** Uploads taken back to before their publication: they can be resumed. */
  commitsTakenBack: number;
  /** Parts of acknowledged uploads that were still to be removed. */
  partsRemoved: number;
  /** Unfinished uploads that only their checkpoint knew of. */
  adopted: number;
  /** Parts without a checkpoint, moved to the account's `aside/`. */
  setAside: number;
  /** Removals of accounts that were begun, and are complete now. */
  accountsRemoved: number;
}

/** Brings store and catalog into agreement. */
export async function recover(
  store: Store,
  catalog: Catalog,
  step?: StepHook,
): Promise<RecoveryReport> {
  const report: RecoveryReport = {
    movesFinished: 0,
    commitsTakenBack: 0,
    partsRemoved: 0,
    adopted: 0,
    setAside: 0,
    accountsRemoved: 0,
  };
  await finishMoves(store, catalog, report, step);
  await takeBackCommits(store, catalog, report, step);
  for (const { id, owner } of await catalog.finishedUploads()) {
    await store.removePart(owner, id);
    await step?.("recovery: finished part removed");
    await catalog.removeUpload(id);
    report.partsRemoved++;
  }
  for (const { name, passwordHash } of await catalog.accounts()) {
    if (passwordHash === NO_PASSWORD) {
      await store.removeAccount(name, { keepAside: true });
      await step?.("recovery: account put aside");
      await catalog.removeAccount(name);
      report.accountsRemoved++;
      continue;
    }
    await store.addAccount(name);
    await settleParts(store, catalog, name, report, step);
  }
  // Nothing is being sent yet: what is announced holds room once it is.
  await catalog.shrinkReservations(Number.MAX_SAFE_INTEGER);
  await catalog.recount();
  return report;
}

async function finishMoves(
  store: Store,
  catalog: Catalog,
  report: RecoveryReport,
  step?: StepHook,
): Promise<void> {
  for (const move of await catalog.moveIntents()) {
    const done = await finishMove(store, move);
    await step?.("recovery: rename settled");
    await catalog.endMove(move, done);
    if (done) report.movesFinished++;
  }
}

/** Whether a rename happened; one that was cut short between its two steps is completed. */
async function finishMove(store: Store, move: MoveIntent): Promise<boolean> {
  const { owner, from, to } = move;
  try {
    if (await store.stat(owner, to) === undefined) return false;
    if (await store.stat(owner, from).catch(() => undefined) === undefined) return true;
    await store.rename(owner, from, to, { replace: false });
    return true;
  } catch (error) {
    if (isStoreError(error, "exists", "not-found", "not-directory", "denied")) return false;
    throw error;
  }
}

async function takeBackCommits(
  store: Store,
  catalog: Catalog,
  report: RecoveryReport,
  step?: StepHook,
): Promise<void> {
  const intents = await catalog.commitIntents();
  const byUpload = Map.groupBy(intents, ({ owner, uploadId }) => `${owner}:${uploadId}`);
  for (const ofOne of byUpload.values()) {
    await takeBackIntents(store, catalog, ofOne, step);
    report.commitsTakenBack++;
  }
}

async function settleParts(
  store: Store,
  catalog: Catalog,
  owner: string,
  report: RecoveryReport,
  step?: StepHook,
): Promise<void> {
  const onDisk = new Set(await store.listParts(owner));
  for (const record of await catalog.uploads()) {
    // A record without a part holds nothing.
    if (record.owner === owner && !onDisk.has(record.id)) await catalog.removeUpload(record.id);
  }
  for (const id of onDisk) {
    const text = await store.loadCheckpoint(owner, id);
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
    const record = await catalog.upload(id);
    if (record !== undefined) {
      const known = checkpoint?.record;
      // What is safe stands in the checkpoint; the catalog's copy of it may be one behind.
      if (known?.id === id && known.offsetBytes !== record.offsetBytes) {
        await catalog.noteProgress(id, known.offsetBytes, known.updatedMs);
      }
      continue;
    }
    await step?.("recovery: part found");
    if (await store.isPublished(owner, id)) {
      await store.removePart(owner, id); // acknowledged: the file has a name of its own
      report.partsRemoved++;
    } else if (
      checkpoint?.record.id === id && checkpoint.record.owner === owner &&
      await catalog.addUpload(checkpoint.record)
    ) {
      report.adopted++;
    } else {
      await store.setPartAside(owner, id);
      report.setAside++;
    }
  }
}

/** Removes unfinished uploads that were last touched before `beforeMs`, but for those in use. */
export async function expireUploads(
  store: Store,
  catalog: Catalog,
  beforeMs: number,
  inUse: (id: string) => boolean,
): Promise<string[]> {
  const expired: string[] = [];
  for (const record of await catalog.uploads()) {
    if (record.updatedMs >= beforeMs || inUse(record.id)) continue;
    await store.removePart(record.owner, record.id);
    await catalog.removeUpload(record.id);
    expired.push(record.id);
  }
  return expired;
}
