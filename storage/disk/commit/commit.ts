import {
  canTakeAnotherName,
  chooseName,
  CLAIMED_PAUSE_MS,
  isReplacing,
  type Job,
  type JobRequest,
  mayReplace,
  newJob,
  toCommitted,
  toFile,
  toIntent,
  toIntents,
} from "./commit_job.ts";
import {
  assertMayHaveName,
  finishIntents,
  isDirectory,
  overQuota,
  publishJob,
  refuseLocked,
  removeParts,
  syncDirectories,
} from "./commit_steps.ts";
import { isStoreError, StoreError } from "../../contract/error.ts";
import { FinalNames } from "./final_names.ts";
import { isBeingChanged, type Keeping, noteKept, takeBackIntents } from "./keep.ts";
import { nameOf } from "../../contract/path.ts";
import { Pauses } from "../../common/pauses.ts";
import { dropRepeated, unlessStored } from "./repeats.ts";
import { RETRY_MS } from "../../common/retry.ts";
import { afterWaiting } from "../../common/turns.ts";
import type { Places } from "../interfaces/places.ts";
import type { Committed } from "../../contract/tree.ts";
import { takenOver } from "../../contract/taken_over.ts";
import { dropPart } from "../parts/writer.ts";
import { parseVersionName } from "../../contract/version_name.ts";

/** Maximum of jobs in one batch: about 15 ms of work, in which nothing else runs. */
const MAX_BATCH = 200;

/**
 * Gives verified parts their final names in the crash-safe order (docs/storage.md, "Finishing an
 * upload"): part synced, intent recorded, replaced content kept, published, directory synced, live,
 * acknowledged, part removed. Uploads that arrive while a batch runs form the next batch, so that
 * many small files share their syncs and transactions.
 */
export class Committer {
  readonly #queue: Job[] = [];
  #running: Promise<void> | undefined;
  /** Jobs that failed, and whose intents could not be taken back yet. */
  readonly #abandoned: Job[] = [];
  /** Jobs whose name is claimed for the moment. */
  readonly #delayed = new Pauses();

  constructor(private readonly places: Places) {}

  /**
   * Publishes a part whose length and checksum have been verified.
   *
   * @throws {StoreError} `exists`, `quota`, `changed` (what it may replace is not there any more),
   * `not-found` (the directory is gone), `aborted` (it has another writer) …: the part stays; `io`
   * where it could not be made durable: the part is no longer trusted, and set aside
   */
  async commit(publication: JobRequest): Promise<Committed> {
    const { part, hash } = publication;
    const { record, file: content } = part;
    const { step, holder } = this.places;
    const now = Date.now();
    if (step) await step("commit: verified");
    const mtimeMs = content.setModified(record.mtimeMs ?? now);
    try {
      const synced = content.sync(true);
      if (synced !== undefined) await synced;
    } catch (error) {
      await dropPart(this.places, record, { recorded: part.recorded, aside: true });
      throw error;
    }
    if (step) await step("commit: synced");
    const file = toFile(publication, { hash, mtimeMs, storedMs: now });
    const { promise, resolve, reject } = Promise.withResolvers<Committed>();
    this.#queue.push(newJob(publication, file, holder, resolve, reject));
    this.#running ??= this.#run();
    return await promise.catch((error) => unlessStored(this.places, { part, file }, error));
  }

  /** Resolves once nothing is being committed. */
  async idle(): Promise<void> {
    for (let work; (work = this.#running ?? this.#delayed.next);) await work;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await afterWaiting(); // what finishes until then goes into one batch
      const batch = this.#queue.splice(0, MAX_BATCH);
      for (const job of this.#abandoned.splice(0)) await this.#takeBack(job);
      try {
        await this.#commitBatch(batch);
      } catch (error) {
        for (const job of batch) {
          if (job.state === "noted") await this.#takeBack(job, error);
          else if (job.state === "begun") job.reject(error);
        }
      }
    }
    // In the same turn as the check of the queue: the next job starts a new run.
    this.#running = undefined;
  }

  async #commitBatch(batch: Job[]): Promise<void> {
    const { store, catalog, holder, step, proofs } = this.places;
    const names = new FinalNames(store, catalog);
    const keeping: Keeping = { store, catalog, holder, names };
    const named: Job[] = [];
    const given = new Set<string>();
    for (const job of batch) {
      job.state = "begun";
      try {
        const stored = job.occupied && await dropRepeated(this.places, job);
        if (stored) job.resolve(stored);
        else job.path = await chooseName(job, names);
        if (stored) continue;
      } catch (error) {
        job.reject(error);
        continue;
      }
      const key = `${job.record.owner}:${job.path}`;
      if (given.has(key)) {
        this.#again(job, true); // its name went to an earlier one of this batch
      } else {
        given.add(key);
        named.push(job);
      }
    }
    const begun = await this.#begin(named);
    await step?.("commit: intent noted");
    const ready = await this.#each(begun, (job) => assertMayHaveName(this.places, job));
    const kept = await this.#noteKept(ready, keeping);
    const staged = await this.#stage(kept);
    await step?.("commit: staged");
    let published = await this.#publish(staged, keeping);
    await step?.("commit: published");
    try {
      await syncDirectories(store, published);
      await step?.("commit: directory synced");
      published = await this.#finish(published);
    } catch (error) {
      for (const job of published) await this.#takeBack(job, error);
      return;
    }
    await step?.("commit: live");
    for (const job of published) {
      proofs.note(job.file.hash, job.publication.crc, job.file.size);
      job.resolve(toCommitted(job));
    }
    await step?.("commit: acknowledged");
    await removeParts(this.places, published, step);
  }

  async #begin(jobs: Job[]): Promise<Job[]> {
    if (jobs.length === 0) return jobs;
    const answers = await this.places.catalog.beginCommits(jobs.map(toIntent));
    for (const [index, job] of jobs.entries()) {
      if (answers[index] === "late") await this.#endLate(job);
      if (answers[index] === "locked" && !await refuseLocked(this.places, job)) this.#requeue(job);
    }
    return jobs.filter((job, index) => {
      const answer = answers[index]!;
      if (answer === "taken") this.#again(job);
      if (answer === "claimed") this.#later(job);
      if (answer === "lost") job.reject(takenOver(job.record.id));
      if (answer === "over-quota") job.reject(overQuota(job.record));
      if (answer === "ready") job.state = "noted";
      return answer === "ready";
    });
  }

  /** Ends a job that counts as replaced already: its kept content gets a version now. */
  async #endLate(job: Job): Promise<void> {
    if (job.record.ifExists === "keep") {
      job.late = job.occupied = true;
      return this.#requeue(job);
    }
    await job.part.discard().then(() => job.resolve(toCommitted(job)), job.reject);
  }

  /** Makes files live. @returns those that are; recovery took back the intents of the others */
  async #finish(jobs: Job[]): Promise<Job[]> {
    const live = await finishIntents(this.places.catalog, jobs);
    return jobs.filter((job, index) => {
      job.state = "ended";
      if (!live[index]) job.reject(takenOver(job.record.id));
      return live[index];
    });
  }

  /** Records the intents to keep replaced content. */
  async #noteKept(jobs: Job[], keeping: Keeping): Promise<Job[]> {
    const note = async (job: Job) => {
      job.kept = await noteKept(keeping, job.record, job.file.hash);
      await this.places.step?.("commit: version noted");
    };
    return await this.#each(jobs, (job) => {
      if (job.record.ifExists === "keep" && isReplacing(job)) return note(job);
    });
  }

  /** Does a step of each job. @returns those that it could be done of; the others are taken back */
  async #each(jobs: Job[], step: (job: Job) => void | Promise<void>): Promise<Job[]> {
    const done: Job[] = [];
    for (const job of jobs) {
      try {
        const result = step(job);
        if (result !== undefined) await result;
        done.push(job);
      } catch (error) {
        await this.#takeBack(job, error);
      }
    }
    return done;
  }

  /** Ensures that publishing can be undone after any failure. */
  async #stage(jobs: Job[]): Promise<Job[]> {
    const staged = await this.#each(jobs, (job) => {
      const { owner, id } = job.record;
      if (mayReplace(job)) return this.places.store.stage(owner, id, job.path);
    });
    for (const owner of new Set(staged.map(({ record }) => record.owner))) {
      const synced = this.places.store.syncParts(owner);
      if (synced !== undefined) await synced;
    }
    return staged;
  }

  async #publish(jobs: Job[], keeping: Keeping): Promise<Job[]> {
    const published: Job[] = [];
    for (const job of jobs) {
      try {
        const done = publishJob(keeping, job, this.places.step);
        if (done !== undefined) await done;
        published.push(job);
      } catch (error) {
        if (!isStoreError(error, "exists")) {
          await this.#takeBack(job, error);
        } else if (canTakeAnotherName(job) || isReplacing(job) && !mayReplace(job)) {
          await this.places.catalog.cancelCommits([toIntent(job)]);
          job.refused = parseVersionName(nameOf(job.path)).version;
          job.free = false;
          this.#again(job, true);
        } else {
          await this.#takeBack(job, isReplacing(job) ? isDirectory(job.record) : error);
        }
      }
    }
    return published;
  }

  async #takeBack(job: Job, error?: unknown): Promise<void> {
    try {
      await takeBackIntents(this.places.store, this.places.catalog, toIntents(job));
    } catch {
      this.#abandoned.push(job); // tried again later, and by recovery at the next start
    }
    job.state = "ended";
    job.reject(error);
  }

  /** Tries once more when a claim of the name may have ended. */
  #later(job: Job): void {
    job.untilMs ??= performance.now() + RETRY_MS;
    if (performance.now() >= job.untilMs) return job.reject(isBeingChanged(job.record));
    job.state = "waiting";
    this.#delayed.add(CLAIMED_PAUSE_MS, () => {
      this.#queue.push(job);
      this.#running ??= this.#run();
    });
  }

  /** @param atOnce whether the obstacle will be gone when the next batch begins */
  #again(job: Job, atOnce = false): void {
    if (!canTakeAnotherName(job)) {
      if (isReplacing(job)) {
        if (atOnce) this.#requeue(job);
        else this.#later(job); // another worker is finishing the other one
      } else {
        job.reject(new StoreError("exists", `"${job.record.shownPath}" exists already`));
      }
      return;
    }
    job.occupied = true;
    this.#requeue(job);
  }

  #requeue(job: Job): void {
    job.state = "waiting";
    this.#queue.push(job);
  }
}
