/** All uploads of a page: some at a time, each paused, resumed and cancelled, alone or together. */
import { UploadFailure } from "./failure.ts";
import { Job } from "./job.ts";
import { Rate, secondsLeft } from "./rate.ts";
import { type Resumed, Transfer, type TransferParts } from "./transfer.ts";
import type { NewUpload } from "./tus.ts";

/** Maximum of parallel uploads: others fill the pauses between the requests of one. */
const PARALLEL = 3;

/** Callbacks of a queue. */
export interface QueueEvents {
  /** Something of a job has changed. */
  changed(job: Job): void;
  /** A job has stopped: through, failed, cancelled or paused. */
  ended(job: Job): void;
  /** A job has an address at the server from here on, or none any more. */
  addressed(job: Job): void;
}

/** All jobs together. */
export interface Totals {
  jobs: number;
  pending: number;
  paused: number;
  failed: number;
  /** Paused and failed ones that can continue. */
  resumable: number;
  done: number;
  bytes: number;
  sent: number;
  perSecond: number | undefined;
  secondsLeft: number | undefined;
}

/** Queue that runs some uploads at a time. */
export class UploadQueue {
  readonly jobs: Job[] = [];
  #active = 0;
  readonly #rate = new Rate();
  readonly #now: () => number;

  constructor(
    private readonly parts: TransferParts,
    private readonly events: QueueEvents,
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
  }

  /** Adds an upload; `resumed` takes up one that is unfinished at the server. */
  add(file: Blob, upload: NewUpload, resumed?: Resumed): Job {
    const job = new Job(file, upload, resumed);
    this.jobs.push(job);
    this.events.changed(job);
    this.#next();
    return job;
  }

  /** Holds a job; what the server has of it stays there. */
  pause(job: Job): void {
    if (!job.pending) return;
    this.#set(job, "paused");
    job.stop?.abort();
  }

  /** Resumes a paused or failed job. */
  resume(job: Job): void {
    if (!job.resumable) return;
    if (job.failure?.kind === "other-file" || job.failure?.kind === "mismatch") {
      this.#address(job, undefined);
    }
    job.failure = undefined;
    this.#set(job, "waiting");
    this.#next();
  }

  /** Ends a job, and drops what the server has of it. */
  async cancel(job: Job): Promise<void> {
    if (job.state === "done" || job.state === "cancelled") return;
    const { url } = job;
    this.#set(job, "cancelled");
    job.stop?.abort();
    this.events.ended(job);
    this.#next();
    if (url === undefined) return;
    // An upload that cannot be dropped now expires by itself, and is listed as unfinished until
    // then.
    await this.parts.tus.terminate(url, AbortSignal.timeout(30_000)).then(
      () => this.#address(job, undefined),
      () => {},
    );
  }

  pauseAll(): void {
    for (const job of this.jobs) this.pause(job);
  }

  async cancelAll(): Promise<void> {
    await Promise.all(this.jobs.map((job) => this.cancel(job)));
  }

  /** Removes jobs that are done or cancelled. */
  clear(): void {
    const kept = this.jobs.filter(({ state }) => state !== "done" && state !== "cancelled");
    this.jobs.splice(0, this.jobs.length, ...kept);
  }

  /** See {@linkcode Totals}. */
  totals(): Totals {
    const counted = this.jobs.filter(({ state }) => state !== "cancelled");
    const count = (which: (job: Job) => boolean) => counted.filter(which).length;
    const sum = (of: (job: Job) => number) => counted.reduce((all, job) => all + of(job), 0);
    const bytes = sum((job) => job.size);
    const sent = sum((job) => job.sent);
    const left = sum((job) => job.pending ? job.size - job.sent : 0);
    const perSecond = this.#rate.perSecond(this.#now());
    return {
      jobs: counted.length,
      pending: count((job) => job.pending),
      paused: count((job) => job.state === "paused"),
      failed: count((job) => job.state === "failed"),
      resumable: count((job) => job.continues),
      done: count((job) => job.state === "done"),
      bytes,
      sent,
      perSecond,
      secondsLeft: secondsLeft(left, perSecond),
    };
  }

  #next(): void {
    for (const job of this.jobs) {
      if (this.#active >= PARALLEL) return;
      if (job.state === "waiting" && job.stop === undefined) this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    this.#active++;
    const stop = job.stop = new AbortController();
    const transfer = new Transfer(this.parts, job.upload, job.file, job.resumed, job.asked);
    const counted = { sent: 0 };
    transfer.onAddress = (url) => this.#address(job, url);
    transfer.onChange = () => {
      // Bytes that were there before the transfer began have no part in its speed.
      const more = transfer.sent - counted.sent;
      if (transfer.activity.name === "sending" && more > 0) this.#rate.add(more, this.#now());
      counted.sent = transfer.sent;
      this.events.changed(job);
    };
    this.#set(job, "active");
    job.transfer = transfer;
    try {
      job.stored = await transfer.run(stop.signal);
      if (!isCancelled(job)) this.#set(job, "done");
    } catch (error) {
      if (!stop.signal.aborted) this.#failed(job, error);
    } finally {
      void job.sent; // keeps the last one known
      job.asked = transfer.asked;
      job.transfer = undefined;
      job.stop = undefined;
      this.#active--;
      if (!job.pending && job.state !== "cancelled") this.events.ended(job);
      this.#next();
    }
  }

  #failed(job: Job, error: unknown): void {
    job.failure = error instanceof UploadFailure
      ? error
      : new UploadFailure("refused", "The upload failed by a fault of this page");
    if (!(error instanceof UploadFailure)) console.error(error);
    if (job.failure.kind !== "signed-out") return this.#set(job, "failed");
    // It is the same for all of them, and none of them is at fault.
    this.#set(job, "paused");
    this.pauseAll();
  }

  #address(job: Job, url: string | undefined): void {
    if (url === undefined) delete job.resumed;
    else job.resumed = { url, ifOther: "trust" };
    this.events.addressed(job);
  }

  #set(job: Job, state: Job["state"]): void {
    job.state = state;
    this.events.changed(job);
  }
}

/** A function, because the compiler would assume that the state is unchanged after a wait. */
function isCancelled(job: Job): boolean {
  return job.state === "cancelled";
}
