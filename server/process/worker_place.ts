/** One of the server's workers over all its starts: how often it failed, and what follows from that. */
import { randomBytes } from "node:crypto";
import type { DoorPlace } from "./doors.ts";
import { HangingError, SilentPeersError, type WorkerHandle } from "./worker_handle.ts";

/** Pauses before a worker that failed is started again: one for each failure in a row, ms. */
const RESTART_PAUSES_MS = [20, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** A failure after this time is independent of the one before it. */
export const STEADY_MS = 60_000;
/**
 * A start may be silent for twice as long after each one that was ended for its silence, at most by
 * this factor: a machine on which one step of the recovery takes longer than 30 s still comes to serve.
 */
const MAX_TOLERANCE = 32;

/**
 * Number of listeners that compete with each one of a thread that hangs and still gets connections.
 */
const LISTENERS_AGAINST_ONE = 32;
/** Maximum listeners of a worker on each port. */
const MAX_LISTENERS = 128;

/** Random bytes of the id of a start. */
const HOLDER_BYTES = 9;

/** Makes an id for one start of a worker. It is short, as the catalog has it in every intent. */
export function newHolder(): string {
  return randomBytes(HOLDER_BYTES).toString("base64url");
}

/** The place of a worker, which its starts fill one after the other. */
export class WorkerPlace {
  /** Number of its listeners on each port. */
  listeners = 1;
  /** Resolves once it runs for the first time; rejects where it cannot. */
  readonly running = Promise.withResolvers<DoorPlace[]>();
  /** Whether it has run. */
  hasRun = false;
  /** Starts that ended with unfinished work. */
  unsettled: string[] = [];
  /** Number of its starts. */
  starts = 1;
  restart: ReturnType<typeof setTimeout> | undefined;
  /** Ends the report of its failures in `/healthz`. */
  steady: ReturnType<typeof setTimeout> | undefined;
  /** Since when it runs, on the monotonic clock in ms; Infinity while it does not. */
  #runsSinceMs = Infinity;
  /** Failures in a row. */
  #failures = 0;
  /** Starts in a row that were ended because they did not answer. */
  #silentStarts = 0;

  /**
   * @param handle of its present start
   * @param holder id of that start in the catalog
   */
  constructor(readonly index: number, public handle: WorkerHandle, public holder: string) {
    this.running.promise.catch(() => {}); // it may be waited for later
  }

  /** Its name in `/healthz` and in metrics. */
  get part(): string {
    return `worker ${this.index}`;
  }

  /** Factor by which the next start may be silent for longer than the first one. */
  get tolerance(): number {
    return Math.min(2 ** this.#silentStarts, MAX_TOLERANCE);
  }

  /** Number of its failures, for `/healthz`. */
  get failures(): string {
    const count = this.#failures;
    if (count === 0) return "was ended to close silent connections";
    return count === 1 ? "failed once lately" : `failed ${count} times in a row`;
  }

  /** Notes that the present start runs. */
  runs(): void {
    this.hasRun = true;
    this.#runsSinceMs = performance.now();
  }

  /** Has another start go on in its place, which runs already. */
  renew(handle: WorkerHandle, holder: string): void {
    this.handle = handle;
    this.holder = holder;
    this.runs();
  }

  /** Notes that the present start has failed. @returns the pause before the next one, ms */
  fails(error: unknown): number {
    this.unsettled.push(this.holder);
    clearTimeout(this.steady);
    if (performance.now() - this.#runsSinceMs > STEADY_MS) this.#failures = 0;
    const silent = this.#runsSinceMs === Infinity && error instanceof HangingError;
    this.#silentStarts = silent ? this.#silentStarts + 1 : 0;
    this.#runsSinceMs = Infinity;
    const pauses = RESTART_PAUSES_MS;
    // Strangers must not be able to make the pauses longer.
    if (error instanceof SilentPeersError) return pauses[0]!;
    return pauses[Math.min(this.#failures++, pauses.length - 1)]!;
  }

  /** Lets its next start listen more often, against listeners of threads that hang. */
  listenAgainst(lost: number): void {
    this.listeners = Math.min(MAX_LISTENERS, LISTENERS_AGAINST_ONE * lost);
  }

  /** Ends its timers. */
  clearTimers(): void {
    clearTimeout(this.restart);
    clearTimeout(this.steady);
  }
}
