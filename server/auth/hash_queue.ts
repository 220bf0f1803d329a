/**
 * A bounded queue for hashing. One hashing takes a core for half a second, so a crowd at the login
 * must neither take all cores nor wait in memory without end; and one address that fills its share
 * must not keep the others waiting: addresses take turns.
 */

/** Limits of a queue. */
export interface HashQueueLimits {
  /** Hashings at once. @default 2 */
  running?: number;
  /** Waiting in all. @default 128 */
  waiting?: number;
  /** Waiting from one address. @default 64 */
  waitingPerAddress?: number;
}

/** Approximate duration of one hashing, for the retry time of refused logins. */
const HASHING_MS = 500;

/** Queue of password hashings, bounded in length and for each address. */
export class HashQueue {
  readonly #limits: Required<HashQueueLimits>;
  /** Those that wait, by address; the first address is next. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(limits: HashQueueLimits = {}) {
    this.#limits = { running: 2, waiting: 128, waitingPerAddress: 64, ...limits };
  }

  /** Number of passwords that are being hashed, and that wait. */
  get state(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waitingCount };
  }

  /** Time until a retry makes sense, ms; 0 where there is room now. */
  retryAfterMs(address: string): number {
    const { running, waiting, waitingPerAddress } = this.#limits;
    const own = this.#waiting.get(address)?.length ?? 0;
    if (this.#waitingCount < waiting && own < waitingPerAddress) return 0;
    return Math.ceil(this.#waitingCount / running) * HASHING_MS;
  }

  /** Runs a hashing when its turn comes. The caller has asked `retryAfterMs` before. */
  async run<T>(address: string, hashing: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.running) await this.#turn(address);
    else this.#running++;
    try {
      return await hashing();
    } finally {
      this.#next();
    }
  }

  #turn(address: string): Promise<void> {
    return new Promise((resolve) => {
      const own = this.#waiting.get(address) ?? [];
      own.push(resolve);
      this.#waiting.set(address, own);
      this.#waitingCount++;
    });
  }

  /** Hands the place on, or gives it back. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#running--;
      return;
    }
    const [address, own] = first;
    const start = own.shift()!;
    this.#waitingCount--;
    this.#waiting.delete(address);
    if (own.length > 0) this.#waiting.set(address, own);
    start();
  }
}
