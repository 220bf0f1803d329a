/** The budgets of all accounts' rates, kept over all workers. */
import { bucketMemory, BucketTable } from "./bucket_table.ts";
import type { SharedTable } from "./shared_table.ts";
import type { RateGranter, RateRequest } from "./rate_limit.ts";

/**
 * Maximum by which an unused budget may catch up: on a busy machine timers are late, which must not
 * cost throughput.
 */
const BURST_US = 250_000;
/** Longer waits occur only at rates below one piece; see {@linkcode BucketTable}. */
const MAX_AHEAD_US = 120_000_000;

/** A token bucket for each account and direction, and one for both directions together. */
export class TokenBuckets implements RateGranter {
  readonly #buckets: BucketTable;

  /** @param now wall-clock time in ms, the same for all workers */
  constructor(memory: SharedTable = bucketMemory(), now?: () => number) {
    this.#buckets = new BucketTable(memory, MAX_AHEAD_US, now);
  }

  grant({ name, direction, bytes, rates }: RateRequest): number {
    const total = this.#take(`${name} total`, bytes, rates.total);
    const one = this.#take(`${name} ${direction}`, bytes, rates[direction]);
    return Math.max(total, one);
  }

  #take(name: string, bytes: number, bytesPerSecond: number | null): number {
    if (bytesPerSecond === null) return 0;
    let untilUs = 0;
    this.#buckets.update(name, (aheadUs) => {
      untilUs = Math.max(-BURST_US, aheadUs) + bytes / bytesPerSecond * 1_000_000;
      return untilUs;
    });
    return Math.max(0, untilUs / 1000);
  }
}
