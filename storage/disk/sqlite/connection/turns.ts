import { delay } from "@std/async";
import { report } from "../../../common/reports.ts";
import { Sparing } from "../../../common/sparing.ts";
import { isStoreError, StoreError } from "../../../contract/error.ts";

/** Timeout of a write that waits for the transaction of another connection. */
const MAX_WAIT_MS = 5000;
/** Pauses between tries; each is twice the one before. */
const PAUSE_MS = { least: 2, most: 50 };
/** How long waiting work runs before other work of the thread gets a turn. */
const SLICE_MS = 10;

/** Waiting of at least this long is reported. */
const REPORTED_MS = 100;

/** A write that waits. */
interface Turn {
  /** @returns false where the catalog is still busy */
  attempt(): boolean;
  refuse(error: StoreError): void;
  /** ms of `performance.now()`. */
  untilMs: number;
}

/**
 * The writes of one connection, in their order. While another connection holds the catalog's only
 * write lock (another worker for moments, a database shell or a backup program for as long as it
 * likes), they wait here and the thread goes on: SQLite's own waiting would stop everything else.
 */
export class WriteTurns {
  readonly #waiting: Turn[] = [];
  #serving: Promise<void> | undefined;
  #busyAtMs = -Infinity;

  /**
   * Runs a write now, or when its turn has come.
   *
   * @param write throws `busy` where it could not begin
   * @throws {StoreError} `busy` where the lock is not free in time
   */
  run<T>(write: () => T): Promise<T> {
    if (this.#waiting.length === 0) {
      try {
        return Promise.resolve(write());
      } catch (error) {
        if (!isStoreError(error, "busy")) return Promise.reject(error);
      }
    }
    return this.#wait(write);
  }

  /**
   * Runs a write now or not at all: for notes, which delay no one.
   *
   * @throws {StoreError} `busy` where the lock is not free, or was not a moment ago
   */
  runAtOnce<T>(write: () => T): T {
    const sinceMs = performance.now() - this.#busyAtMs;
    if (this.#waiting.length > 0 || sinceMs < PAUSE_MS.most) throw tooBusy();
    try {
      return write();
    } catch (error) {
      if (isStoreError(error, "busy")) this.#busyAtMs = performance.now();
      throw error;
    }
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    await this.#serving;
  }

  #wait<T>(write: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const startMs = performance.now();
    this.#waiting.push({
      attempt() {
        try {
          resolve(write());
        } catch (error) {
          if (isStoreError(error, "busy")) return false;
          reject(error);
        }
        reportWait(startMs, false);
        return true;
      },
      refuse(error) {
        reportWait(startMs, true);
        reject(error);
      },
      untilMs: performance.now() + MAX_WAIT_MS,
    });
    this.#serving ??= this.#serve();
    return promise;
  }

  async #serve(): Promise<void> {
    let pauseMs = PAUSE_MS.least;
    while (this.#waiting.length > 0) {
      await delay(pauseMs);
      const free = this.#carryOut();
      pauseMs = free ? PAUSE_MS.least : Math.min(2 * pauseMs, PAUSE_MS.most);
    }
    this.#serving = undefined;
  }

  /** Carries out what waits. @returns false where the catalog is still busy */
  #carryOut(): boolean {
    const startMs = performance.now();
    for (let turn; (turn = this.#waiting[0]) !== undefined; this.#waiting.shift()) {
      if (performance.now() - startMs >= SLICE_MS) return true;
      if (turn.attempt()) continue;
      this.#busyAtMs = performance.now();
      this.#refuseLate();
      return false;
    }
    return true;
  }

  #refuseLate(): void {
    const nowMs = performance.now();
    while (this.#waiting.length > 0 && this.#waiting[0]!.untilMs <= nowMs) {
      this.#waiting.shift()!.refuse(tooBusy());
    }
  }
}

const waits = new Sparing();

/** Reports a write that waited noticeably for another connection, or in vain. */
function reportWait(startMs: number, inVain: boolean): void {
  const ms = Math.round(performance.now() - startMs);
  if (ms < REPORTED_MS && !inVain) return;
  const message = inVain
    ? "A transaction was refused, as another program held the database"
    : "A transaction waited for another connection";
  const event = inVain ? "refused" : "waited";
  waits.note((more) =>
    report(inVain ? "warning" : "info", "database", message, { event, ms, more })
  );
}

/** The error of a write that found the catalog held by another process. */
export function tooBusy(cause?: unknown): StoreError {
  const sentence = "The server cannot write now: another program holds its catalog; try again";
  return new StoreError("busy", sentence, {}, { cause });
}
