/**
 * Slows password guessing down. Failures are counted in the catalog, so that all doors and workers
 * share them and they survive a restart.
 *
 * Guesses at one account from one network, and all guesses from one network, wait longer each time.
 * An account is never locked for other networks: an attacker locks out only his own.
 */
import { clock } from "../../storage/contract/clock.ts";
import type { FailureBook, Failures } from "../../storage/contract/books/failure_book.ts";
import { networkOf } from "./origin.ts";

/**
 * After `free` failures each further one doubles the delay, from `firstMs` up to `mostMs`. Many
 * people may share one address, so it is given more.
 */
const RULES = {
  login: { free: 10, firstMs: 1000, mostMs: 30_000 },
  address: { free: 50, firstMs: 1000, mostMs: 60_000 },
  registration: { free: 10, firstMs: 1000, mostMs: 60_000 },
} as const;

/** How long failures are kept after the last one. */
const MEMORY_MS = 15 * 60_000;
/** Most keys remembered: made-up names must not fill the catalog. */
const MAX_KEYS = 10_000;

/** Number of attempts of one network, and their time window, after which a door may refuse it. */
const BAR = { attempts: 20, windowMs: 10 * 60_000 } as const;

/** Key under which failures are counted. */
export interface ThrottleKey {
  readonly kind: keyof typeof RULES;
  readonly value: string;
}

/** Keys of a login: the account from that network, and the network itself. */
export function loginKeys(username: string, address: string): [ThrottleKey, ThrottleKey] {
  const network = networkOf(address);
  return [
    { kind: "login", value: `${username} ${network}` },
    { kind: "address", value: network },
  ];
}

/** Delays and refuses logins after failures. */
export class Throttle {
  /** @param now the clock, ms since the epoch */
  constructor(
    private readonly book: FailureBook,
    private readonly now: () => number = () => clock.steady(),
  ) {}

  /** Milliseconds until these keys may try again; 0: now. */
  async retryAfterMs(keys: readonly ThrottleKey[]): Promise<number> {
    const now = this.now();
    const found = await this.book.of(keys.map(nameOf));
    return Math.max(0, ...found.map((failures, i) => waitMs(keys[i]!, failures, now)));
  }

  /** Notes a failure under each key. */
  async failed(keys: readonly ThrottleKey[]): Promise<void> {
    const now = this.now();
    const bounds = { forgetBeforeMs: now - MEMORY_MS, maxKeys: MAX_KEYS };
    await this.book.count(keys.map(nameOf), now, bounds);
  }

  /** Counts a failed login for any reason. */
  async attempted(address: string): Promise<void> {
    const now = this.now();
    const bounds = { forgetBeforeMs: now - BAR.windowMs, maxKeys: MAX_KEYS };
    await this.book.count([windowKey(address, now, 0)], now, bounds);
  }

  /** Whether a network had so many failed logins recently that it may be refused. */
  async isBarred(address: string): Promise<boolean> {
    const now = this.now();
    const keys = [windowKey(address, now, 0), windowKey(address, now, 1)];
    const counts = (await this.book.of(keys)).map((failures) => failures?.count ?? 0);
    return counts.reduce((sum, count) => sum + count, 0) >= BAR.attempts;
  }

  /** Removes the failures under a key. */
  async succeeded(key: ThrottleKey): Promise<void> {
    const [failures] = await this.book.of([nameOf(key)]);
    if (failures !== undefined) await this.book.forget(nameOf(key));
  }
}

function waitMs(key: ThrottleKey, failures: Failures | undefined, now: number): number {
  if (failures === undefined) return 0;
  const { free, firstMs, mostMs } = RULES[key.kind];
  // A clock that was set back must not make the wait longer than the rule says.
  const sinceMs = Math.max(0, now - failures.lastMs);
  if (failures.count <= free || sinceMs > MEMORY_MS) return 0;
  const delayMs = Math.min(mostMs, firstMs * 2 ** (failures.count - free - 1));
  return Math.max(0, Math.ceil(delayMs - sinceMs));
}

/** Attempts are counted by halves of the window: this one, or the one before. */
function windowKey(address: string, nowMs: number, before: 0 | 1): string {
  const half = Math.floor(nowMs / (BAR.windowMs / 2)) - before;
  return `attempts ${networkOf(address)} ${half}`;
}

function nameOf(key: ThrottleKey): string {
  return `${key.kind} ${key.value}`;
}
