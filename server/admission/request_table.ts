/** Requests per minute of addresses and accounts, counted over all workers. */
import { bucketMemory, BucketTable } from "./bucket_table.ts";
import type { SharedTable } from "./shared_table.ts";

/** Requests that may come at once: those of a minute. */
const WINDOW_US = 60_000_000;

/** Counts requests of names. */
export interface RequestCounter {
  /**
   * Counts a request, unless the name has reached its maximum of the last minute.
   *
   * @returns 0, or the time until the name may try again, ms
   */
  take(name: string, perMinute: number): number | Promise<number>;
}

/** The counts as one worker uses them. */
export class RequestTable implements RequestCounter {
  readonly #buckets: BucketTable;

  /** @param now wall-clock time in ms, the same for all workers */
  constructor(memory: SharedTable = bucketMemory(), now?: () => number) {
    this.#buckets = new BucketTable(memory, WINDOW_US + 1, now);
  }

  take(name: string, perMinute: number): number {
    const costUs = WINDOW_US / perMinute;
    let waitMs = 0;
    this.#buckets.update(name, (aheadUs) => {
      const usedUs = Math.max(0, aheadUs) + costUs;
      const tooMuchUs = usedUs - WINDOW_US;
      waitMs = tooMuchUs > 0.5 ? Math.ceil(tooMuchUs / 1000) : 0;
      return waitMs > 0 ? undefined : usedUs;
    });
    return waitMs;
  }
}
