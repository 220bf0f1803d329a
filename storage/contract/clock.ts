/**
 * The server's clock. The machine's clock may be wrong by a year at one start, or set while the
 * server runs; what is removed by time must not be removed for that (docs/storage.md, "Time").
 *
 * Beside the machine's clock it keeps a steady time: it goes on with the time that the process
 * runs, over restarts from what the catalog last saw, and follows the machine's clock where that is
 * up to a day ahead. A clock that is further ahead, or behind, is taken over once the server has run
 * with it for a day.
 */

const HOUR_MS = 3600_000;
/** Maximum by which the machine's clock may be ahead of the steady time. */
export const MAX_JUMP_MS = 24 * HOUR_MS;
/** How long a changed machine clock must last before the server adopts it. */
export const WAIT_MS = 24 * HOUR_MS;

/** A larger change counts as another clock, and the wait starts again. */
const MAX_CHANGE_MS = 31 * MAX_JUMP_MS;

/** State of a clock that is kept over restarts. */
export interface ClockState {
  /** The steady time, ms since the epoch. */
  seenMs: number;
  /** By how much the machine's clock was ahead of it, ms; negative: behind. */
  aheadMs: number;
  /** For how long the server has run with such a clock, ms. */
  waitedMs: number;
}

/** The time of one worker, and whether it may be trusted to remove things. */
export class Clock {
  #steadyMs: number;
  #runMs: number;
  #waitedMs = 0;
  #aheadMs = 0;

  /**
   * @param machine the machine's clock, ms since the epoch
   * @param running a clock in ms that never goes back or jumps
   */
  constructor(
    private readonly machine: () => number = () => Date.now(),
    private readonly running: () => number = () => performance.now(),
  ) {
    this.#steadyMs = machine();
    this.#runMs = running();
  }

  /** Continues from a stored state; `undefined`: there is none. */
  resume(kept: ClockState | undefined): void {
    this.#steadyMs = kept?.seenMs ?? this.machine();
    this.#aheadMs = kept?.aheadMs ?? 0;
    this.#waitedMs = kept?.waitedMs ?? 0;
    this.#runMs = this.running();
  }

  /** The state to keep over restarts. */
  get state(): ClockState {
    this.#advance();
    return {
      seenMs: Math.floor(this.#steadyMs),
      aheadMs: Math.floor(this.#aheadMs),
      waitedMs: Math.floor(this.#waitedMs),
    };
  }

  /**
   * The later of the machine's and the steady time, by which permissions expire and times are
   * recorded. A clock that is ahead expires them early; one that goes back prolongs none.
   */
  now(): number {
    return Math.max(this.#advance(), Math.floor(this.#steadyMs));
  }

  /** The earlier of the two, by which bans end: a clock that is ahead lifts none. */
  earliest(): number {
    return Math.min(this.#advance(), Math.floor(this.#steadyMs));
  }

  /** The steady time, for what passes within minutes. */
  steady(): number {
    this.#advance();
    return Math.floor(this.#steadyMs);
  }

  /** The time by which things are removed; undefined: nothing may be for now. */
  removal(): number | undefined {
    const nowMs = this.now();
    return this.#aheadMs > MAX_JUMP_MS ? undefined : nowMs;
  }

  /** Describes in one clause what is wrong with the machine's clock; undefined: nothing. */
  trouble(): string | undefined {
    this.#advance();
    if (Math.abs(this.#aheadMs) <= MAX_JUMP_MS) return undefined;
    const by = `${spanText(Math.abs(this.#aheadMs))} ${this.#aheadMs > 0 ? "later" : "earlier"}`;
    const hours = Math.ceil((WAIT_MS - this.#waitedMs) / HOUR_MS);
    const meanwhile = this.#aheadMs > 0
      ? `nothing is removed by time before the server has run for ${hours} h more`
      : `the server goes by its own time until it has run for ${hours} h more`;
    return `the machine's clock is ${by} than the server expects: check it; ${meanwhile}`;
  }

  /** Brings the steady time up to now. @returns the machine's */
  #advance(): number {
    const machineMs = this.machine();
    const runMs = this.running();
    const ranMs = Math.max(0, runMs - this.#runMs);
    this.#runMs = runMs;
    this.#steadyMs += ranMs;
    const aheadMs = machineMs - this.#steadyMs;
    const isSame = aheadMs < 0 === this.#aheadMs < 0 &&
      Math.abs(aheadMs - this.#aheadMs) <= MAX_CHANGE_MS;
    this.#waitedMs = isSame ? this.#waitedMs + ranMs : 0;
    const follows = aheadMs >= 0 && aheadMs <= MAX_JUMP_MS;
    if (follows || this.#waitedMs >= WAIT_MS) {
      this.#steadyMs = machineMs;
      this.#waitedMs = 0;
    }
    this.#aheadMs = machineMs - this.#steadyMs;
    return machineMs;
  }
}

function spanText(ms: number): string {
  const hours = Math.round(ms / HOUR_MS);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

/** The clock of this process or worker. */
export const clock = new Clock();
