/**
 * Recovery (docs/design.md, "Recovery"): at start, before any door listens, of everything; while
 * other workers run, of what one that has failed left behind. Every state that a crash can leave between two steps is brought forward or back: nothing acknowledged is lost,
 * nothing unacknowledged becomes visible, nothing unknown is deleted. It may itself be interrupted
 * at any point and run again.
 */
import { type Catalog, type MoveIntent, NO_PASSWORD, type UploadRecord } from "./catalog.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { isStoreError } from "./error.ts";
import { takeBackIntents } from "./keep.ts";
import type { StepHook } from "./part.ts";
import type { Store } from "./store.ts";
import { dropPart, type UploadPlaces } from "./writer.ts";

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

/** What is recovered, and how. */
export interface RecoveryOptions {
  /**
   * Workers that have ended without settling what they had begun: just that is settled, and others
   * may run. @default all is, and nobody else may have store and catalog open
   */
  holders?: readonly string[];
  step?: StepHook | undefined;
}

/** Brings store and catalog into agreement. */
export async function recover(
  store: Store,
  catalog: Catalog,
  { holders, step }: RecoveryOptions = {},
): Promise<RecoveryReport> {
  const report: RecoveryReport = {
    movesFinished: 0,
    commitsTakenBack: 0,
    partsRemoved: 0,
    adopted: 0,
    setAside: 0,
    accountsRemoved: 0,
  };
  const isConcerned = ({ holder }: { holder: string | null }) =>
    holders === undefined || (holder !== null && holders.includes(holder));
  const recovery: Recovery = { store, catalog, report, step, isConcerned };
  await finishMoves(recovery);
  await takeBackCommits(recovery);
  for (const upload of (await catalog.finishedUploads()).filter(isConcerned)) {
    await store.removePart(upload.owner, upload.id);
    await step?.("recovery: finished part removed");
    await catalog.removeUpload(upload);
    report.partsRemoved++;
  }
  for (const claim of (await catalog.claims.all()).filter(isConcerned)) {
    await catalog.claims.release(claim);
  }
  for (const upload of (await catalog.uploads()).filter(isConcerned)) {
    if (upload.holder !== null) await catalog.releaseUpload(upload);
  }
  if (holders !== undefined) return report;
  for (const { name, passwordHash } of await catalog.accounts()) {
    if (passwordHash === NO_PASSWORD) {
      await store.removeAccount(name, { keepAside: true });
      await step?.("recovery: account put aside");
      await catalog.removeAccount(name);
      report.accountsRemoved++;
      continue;
    }
    await store.addAccount(name);
    await settleParts(recovery, name);
  }
  // Nothing is being sent yet: what is announced holds room once it is.
  await catalog.shrinkReservations(Number.MAX_SAFE_INTEGER);
  await catalog.recount();
  return report;
}

interface Recovery {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly report: RecoveryReport;
  readonly step: StepHook | undefined;
  readonly isConcerned: (noted: { holder: string | null }) => boolean;
}

async function finishMoves({ store, catalog, report, step, isConcerned }: Recovery): Promise<void> {
  for (const move of (await catalog.moveIntents()).filter(isConcerned)) {
    const done = await finishMove(store, move);
    await step?.("recovery: rename settled");
    await catalog.endMove(move, done);
    if (done) report.movesFinished++;
  }
}

/** Whether a rename happened; one that was cut short between its two steps is completed. */
export async function finishMove(store: Store, move: MoveIntent): Promise<boolean> {
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
  { store, catalog, report, step, isConcerned }: Recovery,
): Promise<void> {
  const intents = (await catalog.commitIntents()).filter(isConcerned);
  const byUpload = Map.groupBy(intents, ({ owner, uploadId }) => `${owner}:${uploadId}`);
  for (const ofOne of byUpload.values()) {
    await takeBackIntents(store, catalog, ofOne, step);
    report.commitsTakenBack++;
  }
}

async function settleParts(
  { store, catalog, report, step }: Recovery,
  owner: string,
): Promise<void> {
  await store.tidyParts?.(owner);
  const onDisk = new Set(await store.listParts(owner));
  for (const record of await catalog.uploads()) {
    // A record without a part holds nothing.
    if (record.owner === owner && !onDisk.has(record.id)) await catalog.removeUpload(record);
  }
  for (const id of onDisk) {
    const text = await store.loadCheckpoint(owner, id);
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
    const record = await catalog.upload(id);
    if (record !== undefined) {
      const known = checkpoint?.record;
      // The catalog is told first. Only one that was restored knows less than the checkpoint.
      if (known?.id === id && isLater(known, record)) {
        const safe = { offset: known.offsetBytes, hash: known.offsetHash };
        await catalog.noteProgress(record, safe, known.updatedMs);
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

/** Whether a checkpoint tells of more than the catalog does. */
function isLater(known: UploadRecord, record: UploadRecord): boolean {
  if (known.writer !== record.writer) return known.writer > record.writer;
  return record.offsetHash === null || known.offsetBytes > record.offsetBytes;
}

/** Removes suspended uploads that were last touched before `beforeMs`. @returns their ids */
export async function expireUploads(places: UploadPlaces, beforeMs: number): Promise<string[]> {
  const expired: string[] = [];
  for (const record of await places.catalog.uploads()) {
    if (record.updatedMs >= beforeMs || record.holder !== null) continue;
    if (await dropPart(places, record)) expired.push(record.id); // else just taken up
  }
  return expired;
}
