import { type Catalog, replaces } from "./catalog.ts";
import {
  canTakeAnotherName,
  chooseName,
  type Committed,
  type Job,
  mayReplace,
  toIntent,
  toIntents,
} from "./commit_job.ts";
import { assertReplaceable } from "./condition.ts";
import { isStoreError, StoreError } from "./error.ts";
import { FinalNames } from "./final_names.ts";
import { giveKeptName, noteKept, takeBackIntents } from "./keep.ts";
import { nameOf, parentOf } from "./path.ts";
import type { Part, StepHook } from "./part.ts";
import { Proofs } from "./proofs.ts";
import { yieldTurn } from "./slices.ts";
import type { Store } from "./store.ts";
import { parseVersionName } from "./version_name.ts";

/**
 * Gives verified parts their final names in the crash-safe order (docs/design.md, "Finishing an
 * upload"): part synced, intent noted, what would be replaced kept, published, directory synced,
 * live, acknowledged, part removed. What waits while a batch runs is the next batch, so that many
 * small files share their syncs and transactions.
 */
export class Committer {
  #queue: Job[] = [];
  #running: Promise<void> | undefined;

  constructor(
    readonly store: Store,
    readonly catalog: Catalog,
    readonly step?: StepHook,
    /** Where it is noted what was hashed while it came. */
    readonly proofs = new Proofs(),
  ) {}

  /**
   * Publishes a part whose length and checksum have been verified.
   *
   * @param reservedBytes what the upload's record holds reserved in the catalog
   * @param occupied whether the name asked for was seen to be taken; undefined: nobody looked
   * @throws {StoreError} `exists`, `quota`, `not-found` (the directory is gone) …: the part stays;
   * `io` where it could not be made durable: the part is no longer trusted, and set aside
   */
  async commit(
    part: Part,
    options: { hash: string; reservedBytes: number; occupied: boolean | undefined },
  ): Promise<Committed> {
    const { record } = part;
    const now = Date.now();
    if (this.step) await this.step("commit: verified");
    const mtimeMs = part.content.setModified(record.mtimeMs ?? now);
    try {
      const synced = part.content.sync();
      if (synced !== undefined) await synced;
    } catch (error) {
      await this.store.setPartAside(record.owner, record.id);
      await this.catalog.removeUpload(record.id);
      throw error;
    }
    if (this.step) await this.step("commit: synced");
    const file = { size: part.offset, mtimeMs, hash: options.hash, storedMs: now, damaged: false };
    return await new Promise<Committed>((resolve, reject) => {
      this.#queue.push({
        part,
        record,
        file,
        reservedBytes: options.reservedBytes,
        occupied: options.occupied ?? false,
        free: options.occupied === false,
        refused: 1,
        path: record.path,
        resolve,
        reject,
      });
      this.#running ??= this.#run();
    });
  }

  /** Resolves once nothing is being committed. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await yieldTurn(); // what finishes in the same turn goes into one batch
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#commitBatch(batch);
      } catch (error) {
        for (const job of batch) job.reject(error);
      }
    }
    // In the same turn as the look at the queue: what comes after it begins anew.
    this.#running = undefined;
  }

  async #commitBatch(batch: Job[]): Promise<void> {
    const names = new FinalNames(this.store, this.catalog);
    const named: Job[] = [];
    const given = new Set<string>();
    for (const job of batch) {
      try {
        job.path = await chooseName(job, names);
      } catch (error) {
        job.reject(error);
        continue;
      }
      const key = `${job.record.owner}:${job.path}`;
      if (given.has(key)) {
        this.#again(job); // its name went to an earlier one of this batch
      } else {
        given.add(key);
        named.push(job);
      }
    }
    const ready = await this.#begin(named);
    await this.step?.("commit: intent noted");
    const keeping = await this.#noteKept(ready, names);
    const staged = await this.#stage(keeping);
    await this.step?.("commit: staged");
    const published = await this.#publish(staged, names);
    await this.step?.("commit: published");
    try {
      await this.#syncDirectories(published);
      await this.step?.("commit: directory synced");
      await this.catalog.finishCommits(published.flatMap(toIntents));
    } catch (error) {
      for (const job of published) await this.#takeBack(job, error);
      return;
    }
    await this.step?.("commit: live");
    for (const job of published) {
      const { size, mtimeMs, hash, storedMs, damaged } = job.file;
      this.proofs.note(hash, job.part.crc, size);
      const { version } = parseVersionName(nameOf(job.path));
      job.resolve({ size, mtimeMs, hash, storedMs, damaged, path: job.path, version });
    }
    await this.step?.("commit: acknowledged");
    for (const { record, part } of published) {
      part.content.close();
      const removed = this.store.removePart(record.owner, record.id);
      if (removed !== undefined) await removed;
      if (part.saved) {
        await this.step?.("commit: part removed");
        await this.catalog.removeUpload(record.id);
      }
    }
  }

  async #begin(jobs: Job[]): Promise<Job[]> {
    if (jobs.length === 0) return jobs;
    const answers = await this.catalog.beginCommits(jobs.map(toIntent));
    return jobs.filter((job, index) => {
      const answer = answers[index]!;
      if (answer === "taken") this.#again(job);
      if (answer === "over-quota") {
        job.reject(
          new StoreError("quota", `"${job.record.shownPath}" does not fit the account's quota`),
        );
      }
      return answer === "ready";
    });
  }

  /** Checks what may be replaced, and notes what is to be kept of it. */
  async #noteKept(jobs: Job[], names: FinalNames): Promise<Job[]> {
    const noted: Job[] = [];
    for (const job of jobs) {
      try {
        // The intent stands: of several writers who found one content only one replaces it.
        await assertReplaceable(this.store, this.catalog, job.part);
        if (job.record.ifExists === "keep") {
          job.kept = await noteKept({ ...this.#place, names }, job.record, job.file.hash);
          await this.step?.("commit: version noted");
        }
        noted.push(job);
      } catch (error) {
        await this.#takeBack(job, error);
      }
    }
    return noted;
  }

  get #place() {
    return { store: this.store, catalog: this.catalog };
  }

  /** Makes sure that publishing can be taken back, whatever happens in it. */
  async #stage(jobs: Job[]): Promise<Job[]> {
    const staged: Job[] = [];
    for (const job of jobs) {
      const { owner, id } = job.record;
      try {
        if (mayReplace(job)) await this.store.stage(owner, id, job.path);
        staged.push(job);
      } catch (error) {
        await this.#takeBack(job, error);
      }
    }
    for (const owner of new Set(staged.map(({ record }) => record.owner))) {
      const synced = this.store.syncParts(owner);
      if (synced !== undefined) await synced;
    }
    return staged;
  }

  async #publish(jobs: Job[], names: FinalNames): Promise<Job[]> {
    const published: Job[] = [];
    for (const job of jobs) {
      const { owner, id } = job.record;
      try {
        if (job.kept !== undefined) {
          const keeping = { ...this.#place, names };
          job.kept = await giveKeptName(keeping, job.record, job.file.hash, job.kept);
          await this.step?.("commit: version published");
        }
        const { spelling } = job.part;
        const done = this.store.publish(owner, id, job.path, {
          replace: mayReplace(job),
          ...(spelling !== undefined && { spelling }),
        });
        if (done !== undefined) await done;
        published.push(job);
      } catch (error) {
        const again = canTakeAnotherName(job) ||
          (replaces(job.record.ifExists) && !mayReplace(job));
        if (isStoreError(error, "exists") && again) {
          await this.catalog.cancelCommits([toIntent(job)]);
          job.refused = parseVersionName(nameOf(job.path)).version;
          job.free = false;
          this.#again(job);
        } else {
          const shown = job.record.shownPath;
          await this.#takeBack(
            job,
            isStoreError(error, "exists") && replaces(job.record.ifExists)
              ? new StoreError("is-directory", `"${shown}" is a directory`)
              : error,
          );
        }
      }
    }
    return published;
  }

  async #syncDirectories(jobs: Job[]): Promise<void> {
    const seen = new Set<string>();
    for (const job of jobs) {
      const directory = parentOf(job.path);
      const key = `${job.record.owner}:${directory}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const synced = this.store.syncDirectory(job.record.owner, directory);
      if (synced !== undefined) await synced;
    }
  }

  async #takeBack(job: Job, error: unknown): Promise<void> {
    try {
      await takeBackIntents(this.store, this.catalog, toIntents(job));
    } catch {
      // The intent stays: recovery at the next start takes it back.
    }
    job.reject(error);
  }

  #again(job: Job): void {
    if (!canTakeAnotherName(job)) {
      if (replaces(job.record.ifExists)) {
        this.#queue.push(job); // the other one is being finished: after it
      } else {
        job.reject(new StoreError("exists", `"${job.record.shownPath}" exists already`));
      }
      return;
    }
    job.occupied = true;
    this.#queue.push(job);
  }
}
