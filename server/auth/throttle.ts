/**
 * Slows guessing down, by account and by address. The interface is asynchronous and speaks in keys,
 * so that the counts can move into the catalog, where all workers and doors share them; until then
 * each worker counts in its own memory.
 */

/** Counts failures and says how long to wait. */
export interface Throttle {
  /** Milliseconds until these keys may try again; 0: now. */
  retryAfterMs(keys: readonly ThrottleKey[]): Promise<number>;
  /** Notes a failure under each key. */
  failed(keys: readonly ThrottleKey[]): Promise<void>;
  /** Forgets the failures under a key. */
  succeeded(key: ThrottleKey): Promise<void>;
}

/** What failures are counted by. */
export interface ThrottleKey {
  readonly kind: keyof typeof RULES;
  readonly value: string;
}

/**
 * After `free` failures each further one doubles the delay, from `firstMs` up to `mostMs`. Many
 * people may share one address, so it is given more.
 */
const RULES = {
  account: { free: 10, firstMs: 1000, mostMs: 30_000 },
  address: { free: 50, firstMs: 1000, mostMs: 60_000 },
} as const;

/** Failures are forgotten after so long without another. */
const MEMORY_MS = 15 * 60_000;
/** Most keys remembered: beyond, the oldest go, so that made-up names cannot fill the memory. */
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  untilMs: number;
  lastMs: number;
}

/** A throttle in the memory of one worker. */
export class MemoryThrottle implements Throttle {
  readonly #failures = new Map<string, Failures>();

  /** @param now a clock in ms that never goes back */
  constructor(readonly now: () => number = () => performance.now()) {}

  retryAfterMs(keys: readonly ThrottleKey[]): Promise<number> {
    const waits = keys.map((key) => (this.#get(key)?.untilMs ?? 0) - this.now());
    return Promise.resolve(Math.max(0, ...waits.map(Math.ceil)));
  }

  failed(keys: readonly ThrottleKey[]): Promise<void> {
    for (const key of keys) {
      const { free, firstMs, mostMs } = RULES[key.kind];
      const count = (this.#get(key)?.count ?? 0) + 1;
      const delayMs = count <= free ? 0 : Math.min(mostMs, firstMs * 2 ** (count - free - 1));
      const lastMs = this.now();
      this.#failures.delete(nameOf(key));
      this.#failures.set(nameOf(key), { count, untilMs: lastMs + delayMs, lastMs });
    }
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= MOST_KEYS) break;
      this.#failures.delete(oldest);
    }
    return Promise.resolve();
  }

  succeeded(key: ThrottleKey): Promise<void> {
    this.#failures.delete(nameOf(key));
    return Promise.resolve();
  }

  #get(key: ThrottleKey): Failures | undefined {
    const failures = this.#failures.get(nameOf(key));
    if (failures === undefined || this.now() - failures.lastMs < MEMORY_MS) return failures;
    this.#failures.delete(nameOf(key));
    return undefined;
  }
}

function nameOf(key: ThrottleKey): string {
  return `${key.kind} ${key.value}`;
}
