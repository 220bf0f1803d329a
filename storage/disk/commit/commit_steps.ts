/** Steps of finishing uploads (docs/storage.md, "Finishing an upload"). */
import type { CommitIntent, DiskCatalog, UploadRecord } from "../interfaces/disk_catalog.ts";
import { assertReplaceable } from "./replaceable.ts";
import { forbids, lockedError } from "../../common/locked.ts";
import { isFollowing, trace } from "../../common/reports.ts";
import { clock } from "../../contract/clock.ts";
import { assertSpelled } from "../../common/spelling.ts";
import { spelledIn } from "./spelled.ts";
import { type Job, mayReplace, toIntent, toIntents } from "./commit_job.ts";
import { StoreError } from "../../contract/error.ts";
import { giveKeptName, type Keeping } from "./keep.ts";
import { parentOf } from "../../contract/path.ts";
import type { StepHook } from "../../contract/step.ts";
import type { Store } from "../interfaces/store.ts";

interface Place {
  readonly store: Store;
  readonly catalog: DiskCatalog;
}

/**
 * Checks, while the job's intent keeps others from the name, what is there: the content that it may
 * replace, and that its client does not spell the name in another form.
 *
 * @throws {StoreError} `changed`, `bad-name`
 */
export function assertMayHaveName(place: Place, job: Job): void | Promise<void> {
  if (isFollowing()) traceJob("intent noted", job);
  const { record, publication: { condition } } = job;
  const { spelling, owner, shownPath } = record;
  if (spelling === undefined && condition === undefined && record.appendsTo === null) return;
  const check = () => assertReplaceable(place.store, place.catalog, { record, condition });
  if (spelling === undefined) return check();
  const spelled = { owner, path: job.path, shown: shownPath };
  return assertSpelled(spelledIn(place), spelled, spelling).then(check);
}

function traceJob(message: string, { request, path, record: { id }, publication }: Job): void {
  trace("commit", message, { upload: id, path, bytes: publication.size }, request);
}

/** Gives a job's part its name, and replaced content the next version's where it is kept. */
export function publishJob(
  keeping: Keeping,
  job: Job,
  step: StepHook | undefined,
): void | Promise<void> {
  if (isFollowing()) traceJob("is given its name", job);
  if (job.kept !== undefined) return publishKeeping(keeping, job, job.kept, step);
  return publish(keeping, job);
}

async function publishKeeping(
  keeping: Keeping,
  job: Job,
  kept: CommitIntent,
  step: StepHook | undefined,
): Promise<void> {
  job.kept = await giveKeptName(keeping, job.record, job.file.hash, kept);
  await step?.("commit: version published");
  await publish(keeping, job);
}

function publish({ store }: Place, job: Job): void | Promise<void> {
  const { record: { owner, id, spelling } } = job;
  const replace = mayReplace(job);
  return store.publish(
    owner,
    id,
    job.path,
    spelling === undefined ? { replace } : { replace, spelling },
  );
}

/** The error of a job whose name turns out to be a directory's. */
export function isDirectory({ shownPath }: UploadRecord): StoreError {
  return new StoreError("is-directory", `"${shownPath}" is a directory`);
}

/** The error of a job for which its owner's quota has no room. */
export function overQuota({ shownPath }: UploadRecord): StoreError {
  return new StoreError("quota", `"${shownPath}" does not fit the account's quota`);
}

/** Makes durable that published names are there, each directory once. */
export async function syncDirectories(store: Store, jobs: readonly Job[]): Promise<void> {
  const seen = new Set<string>();
  for (const job of jobs) {
    const directory = parentOf(job.path);
    const key = `${job.record.owner}:${directory}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const synced = store.syncDirectory(job.record.owner, directory);
    if (synced !== undefined) await synced;
  }
}

/** Makes the files of published jobs live. @returns for each whether all its intents were noted */
export async function finishIntents(
  catalog: DiskCatalog,
  jobs: readonly Job[],
): Promise<boolean[]> {
  if (jobs.every(({ kept }) => kept === undefined)) {
    return await catalog.finishCommits(jobs.map(toIntent));
  }
  const intents = jobs.map(toIntents);
  const answers = await catalog.finishCommits(intents.flat());
  let next = 0;
  return intents.map(({ length }) => answers.slice(next, next += length).every((noted) => noted));
}

/** Removes the parts of files that are live, each before its record. */
export async function removeParts(
  { store, catalog }: Place,
  jobs: readonly Job[],
  step: StepHook | undefined,
): Promise<void> {
  for (const job of jobs) {
    const { record, part } = job;
    if (isFollowing()) traceJob("live", job);
    part.file.close();
    const removed = store.removePart(record.owner, record.id);
    if (removed !== undefined) await removed;
    if (!part.recorded) continue;
    await step?.("commit: part removed");
    await catalog.removeUpload(record);
  }
}

/**
 * Ends a job whose name another account has locked.
 *
 * @returns false where that lock has just ended: nothing was done
 */
export async function refuseLocked({ catalog: { locks } }: Place, job: Job): Promise<boolean> {
  const { path, record: { owner, account, path: requested, shownPath } } = job;
  const nowMs = clock.now();
  const found = await Promise.all([requested, path].map((at) => locks.above(owner, at, nowMs)));
  const lock = found.flat().find((one) => forbids(one, account, nowMs));
  if (lock === undefined) return false;
  job.state = "ended";
  job.reject(lockedError(shownPath, requested, lock));
  return true;
}
