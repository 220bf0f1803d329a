/** Rates of accounts: bytes per second over all connections, doors and workers. */

/** Which way bytes go: `up` to the server, `down` from it. */
export type Direction = "up" | "down";

/** Bytes per second; null: no limit. */
export interface Rates {
  /** In both directions together. */
  readonly total: number | null;
  readonly up: number | null;
  readonly down: number | null;
}

/** No limit at all. */
export const NO_RATES: Rates = { total: null, up: null, down: null };

/** Bytes that an account wants to move. */
export interface RateRequest {
  readonly account: string;
  readonly direction: Direction;
  readonly bytes: number;
  readonly rates: Rates;
}

/** Keeps the accounts' budgets. */
export interface RateGranter {
  /** How many milliseconds of its rate an account takes at once, to ask less often; 0: none. */
  readonly leaseMs: number;
  /** Takes bytes of a budget. @returns ms until they may move */
  grant(request: RateRequest): number | Promise<number>;
}

/** What a budget that was not used may catch up with: late timers must not cost throughput. */
const BURST_MS = 100;
/** Waits shorter than a timer's precision are left out. */
const MIN_WAIT_MS = 2;
const MAX_BUDGETS = 10_000;
/** What is moved at once under a limit, in ms of the rate: what ends a transfer waits no longer. */
const PIECE_MS = 100;
/** Smaller pieces would cost more than they bring. */
const MIN_PIECE_BYTES = 1024;

/** The budgets of all accounts, each a token bucket of {@linkcode BURST_MS}. */
export class TokenBuckets implements RateGranter {
  readonly leaseMs = 0;
  /** When the bytes taken so far will have been paid for, ms, by account and direction. */
  readonly #paidUntilMs = new Map<string, number>();

  /** @param now a clock in ms that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  grant({ account, direction, bytes, rates }: RateRequest): number {
    const now = this.now();
    const total = this.#take(`${account} total`, bytes, rates.total, now);
    const one = this.#take(`${account} ${direction}`, bytes, rates[direction], now);
    if (this.#paidUntilMs.size > MAX_BUDGETS) this.#forgetPaid(now);
    return Math.max(0, total, one);
  }

  #take(key: string, bytes: number, bytesPerSecond: number | null, now: number): number {
    if (bytesPerSecond === null) return 0;
    const from = Math.max(now - BURST_MS, this.#paidUntilMs.get(key) ?? -Infinity);
    const until = from + bytes / bytesPerSecond * 1000;
    this.#paidUntilMs.set(key, until);
    return until - now;
  }

  #forgetPaid(now: number): void {
    for (const [key, until] of this.#paidUntilMs) {
      if (until < now - BURST_MS) this.#paidUntilMs.delete(key);
    }
  }
}

/** Bytes that were granted and not used yet. */
interface Lease {
  bytes: number;
  untilMs: number;
}

/** A lease that is not used is not returned: it is small. */
const LEASE_LIFE_MS = 1000;

/** Holds accounts to their rates in one worker, for all of its doors. */
export class RateLimiter {
  readonly #leases = new Map<string, Lease>();

  /**
   * @param ratesOf the rates of an account now
   * @param granter where the budgets are kept; by default in this object
   */
  constructor(
    private readonly ratesOf: (account: string) => Rates = () => NO_RATES,
    private readonly granter: RateGranter = new TokenBuckets(),
  ) {}

  /** How many bytes are to be moved at once, so that they come evenly; without a limit `Infinity`. */
  pieceBytes(account: string, direction: Direction): number {
    const rate = effective(this.ratesOf(account), direction);
    return Math.max(MIN_PIECE_BYTES, Math.ceil(rate * PIECE_MS / 1000));
  }

  /**
   * Resolves once the account may have moved so many bytes more. A change of its rates holds for
   * what is still waited for, but for a piece.
   *
   * @param stopped whether to wait no longer; asked every 100 ms
   */
  take(
    account: string,
    direction: Direction,
    bytes: number,
    stopped: () => boolean = () => false,
  ): Promise<void> | void {
    const piece = this.pieceBytes(account, direction);
    if (piece === Infinity) return;
    if (bytes <= piece) return this.#take(account, direction, bytes, stopped);
    return this.#takePieces(account, direction, bytes, stopped);
  }

  async #takePieces(
    account: string,
    direction: Direction,
    bytes: number,
    stopped: () => boolean,
  ): Promise<void> {
    for (let left = bytes; left > 0 && !stopped();) {
      const piece = Math.min(left, this.pieceBytes(account, direction));
      await this.#take(account, direction, piece, stopped);
      left -= piece;
    }
  }

  #take(
    account: string,
    direction: Direction,
    bytes: number,
    stopped: () => boolean,
  ): Promise<void> | void {
    const rates = this.ratesOf(account);
    const bytesPerSecond = effective(rates, direction);
    if (bytesPerSecond === Infinity) return;
    const key = `${account} ${direction}`;
    const now = performance.now();
    const lease = this.#leases.get(key);
    const left = lease !== undefined && lease.untilMs > now ? lease.bytes : 0;
    if (lease !== undefined && left >= bytes) {
      lease.bytes -= bytes;
      return;
    }
    const { leaseMs } = this.granter;
    const missing = bytes - left;
    const wanted = Math.max(missing, Math.ceil(bytesPerSecond * leaseMs / 1000));
    this.#leases.delete(key);
    const granted = this.granter.grant({ account, direction, bytes: wanted, rates });
    const extra = wanted - missing;
    if (typeof granted === "number") return wait(granted, stopped);
    return this.#leased(key, granted, extra, stopped);
  }

  async #leased(
    key: string,
    granted: Promise<number>,
    extra: number,
    stopped: () => boolean,
  ): Promise<void> {
    await wait(await granted, stopped);
    if (extra === 0) return;
    const now = performance.now();
    const lease = this.#leases.get(key);
    const left = lease !== undefined && lease.untilMs > now ? lease.bytes : 0;
    if (this.#leases.size >= MAX_BUDGETS) this.#leases.clear();
    this.#leases.set(key, { bytes: left + extra, untilMs: now + LEASE_LIFE_MS });
  }
}

/** Bytes per second that both limits allow. */
function effective(rates: Rates, direction: Direction): number {
  return Math.min(rates.total ?? Infinity, rates[direction] ?? Infinity);
}

function wait(ms: number, stopped: () => boolean): Promise<void> | void {
  if (ms >= MIN_WAIT_MS) return waitInSteps(performance.now() + ms, stopped);
}

async function waitInSteps(untilMs: number, stopped: () => boolean): Promise<void> {
  for (let now = performance.now(); now < untilMs && !stopped(); now = performance.now()) {
    const stepMs = Math.min(PIECE_MS, untilMs - now);
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
}
