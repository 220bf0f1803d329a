/** Who may connect, and how many at once, over all doors and workers. */
import type { AddressCounts } from "./address_counts.ts";
import { plainAddress } from "./auth/origin.ts";
import type { Admission, DoorLimits } from "./door.ts";
import type { Policy } from "./policy.ts";
import { type RateGranter, RateLimiter } from "./rate_limit.ts";

/**
 * Memory in which the workers of a server count its connections, each in its own place: what a
 * worker that failed had open is forgotten with its place.
 */
export function connectionCounter(workers = 1): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * Int32Array.BYTES_PER_ELEMENT);
}

/** Memory in which all workers of a server note what their uploads have still to write. */
export function expectedBytes(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(workers * BigInt64Array.BYTES_PER_ELEMENT);
}

/** What the limits are made of. */
export interface LimitParts {
  readonly idleTimeoutMs: number;
  readonly policy: Policy;
  /** Where all workers count connections. */
  readonly counter: SharedArrayBuffer;
  /** The index of this worker. @default 0 */
  readonly worker?: number;
  /** Counts connections of each address. @default none is limited by it */
  readonly addresses?: AddressCounts;
  /** Keeps the budgets of rates. @default this worker alone does */
  readonly granter?: RateGranter;
}

/** A connection that was admitted. */
interface Live {
  readonly address: string;
  readonly end: () => void;
}

/** The limits of all doors of a worker, counted in memory that all workers share. */
export function doorLimits(parts: LimitParts): DoorLimits {
  const { policy, addresses, worker = 0 } = parts;
  const counts = new Int32Array(parts.counter);
  const live = new Set<Live>();
  policy.onChange(() => {
    for (const { address, end } of [...live]) if (!policy.mayConnect(address)) end();
  });
  return {
    idleTimeoutMs: parts.idleTimeoutMs,
    rate: new RateLimiter((account) => policy.ratesOf(account), parts.granter),
    mayLogIn: (account, address) => policy.mayLogIn(account, address),
    admit(address, end): Admission {
      if (!policy.mayConnect(address)) return { admitted: false, reason: "address" };
      const { "max-connections": max, "max-connections-per-address": maxOfAddress } =
        policy.options;
      const released = maxOfAddress === null
        ? () => {}
        : addresses?.take(plainAddress(address), maxOfAddress);
      if (released === undefined) return { admitted: false, reason: "full" };
      // Counted first and given back: two workers at the last place must not both take it.
      Atomics.add(counts, worker, 1);
      if (total(counts) > max) {
        Atomics.sub(counts, worker, 1);
        released();
        return { admitted: false, reason: "full" };
      }
      const connection = { address, end };
      live.add(connection);
      return {
        admitted: true,
        release() {
          if (!live.delete(connection)) return;
          released();
          Atomics.sub(counts, worker, 1);
        },
      };
    },
  };
}

function total(counts: Int32Array): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at++) sum += Atomics.load(counts, at);
  return sum;
}
