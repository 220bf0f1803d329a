/** Requests per minute of addresses and accounts, counted over several nodes. */
import { BoundedMap } from "../../common/bounded_map.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import type { SharedLimits } from "../../storage/contract/shared_limits.ts";
import type { RequestCounter } from "./request_table.ts";

/** Requests that may come at once: those of a minute. */
const WINDOW_US = 60_000_000;
/** A worker takes requests for this time ahead, where the maximum is so high, ms. */
const AHEAD_MS = 500;
/** How long a request waits for an answer; without the database it fails anyway, ms. */
const TIMEOUT_MS = 1000;
/** How long it keeps them, ms. */
const KEPT_MS = 5000;
/** Most names in memory. */
const MAX_KNOWN = 10_000;

/** Requests of one name that this worker may let through. */
interface Ahead {
  left: number;
  /** By `performance.now()`. */
  untilMs: number;
  perMinute: number;
}

/** Counts requests of all nodes together. */
export class SharedRequests implements RequestCounter {
  readonly #ahead = new BoundedMap<string, Ahead>({ max: MAX_KNOWN });

  constructor(private readonly limits: Pick<SharedLimits, "take">) {}

  take(name: string, perMinute: number): number | Promise<number> {
    const ahead = this.#ahead.get(name);
    const isGood = ahead !== undefined && ahead.perMinute === perMinute && ahead.left > 0 &&
      performance.now() < ahead.untilMs;
    if (!isGood) return this.#askInTime(name, perMinute);
    ahead.left--;
    return 0;
  }

  async #askInTime(name: string, perMinute: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const timer = setTimeout(() => resolve(0), TIMEOUT_MS);
    try {
      return await Promise.race([this.#ask(name, perMinute), promise]);
    } catch (error) {
      if (isStoreError(error, "unreachable")) return 0;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws {StoreError} `unreachable` */
  async #ask(name: string, perMinute: number): Promise<number> {
    const { units, waitMs } = await this.limits.take({
      name: `requests ${name}`,
      unitUs: WINDOW_US / perMinute,
      units: Math.max(1, Math.floor(perMinute * AHEAD_MS / 60_000)),
      burstUs: WINDOW_US,
      mayWait: false,
    });
    if (units === 0) return Math.ceil(waitMs);
    const present = this.#ahead.get(name);
    const left = present?.perMinute === perMinute ? present.left : 0;
    const untilMs = performance.now() + KEPT_MS;
    this.#ahead.set(name, { left: left + units - 1, untilMs, perMinute });
    return 0;
  }
}
