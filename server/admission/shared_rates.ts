/** Budgets of the accounts' rates over several nodes: each worker takes shares for a moment ahead. */
import { delay } from "@std/async";
import { BoundedMap } from "../../common/bounded_map.ts";
import type { BudgetGrant, SharedLimits } from "../../storage/contract/shared_limits.ts";
import type { RateGranter, RateRequest } from "./rate_limit.ts";

/**
 * A share is at least what the rate allows in this time, ms: fewer questions. It is all that a worker
 * moves that reaches the others no more, and all that is lost with one that is killed.
 */
const SHARE_MS = 200;
/** The longest that a share is for, where many connections wait, ms. */
const MAX_SHARE_MS = 1000;
/** By how much an unused budget may catch up, µs: timers and answers are late on a busy machine. */
const BURST_US = 250_000;
/** Interval at which waits look whether they were stopped, ms. */
const STEP_MS = 100;
/** Pause before a question that had no answer is asked again, ms. */
const PAUSE_MS = 250;
/** Most budgets in memory. */
const MAX_KNOWN = 10_000;

/** Budgets that all nodes share: nothing moves that is no worker's share. */
export class SharedRates implements RateGranter {
  readonly #budgets = new BoundedMap<string, SharedBudget>({ max: MAX_KNOWN });

  constructor(private readonly limits: Pick<SharedLimits, "take">) {}

  /** Resolves once the bytes may move. */
  grant(
    { name, direction, bytes, rates }: RateRequest,
    stopped: () => boolean = () => false,
  ): number | Promise<void> {
    const total = this.#take(`${name} total`, bytes, rates.total, stopped);
    const one = this.#take(`${name} ${direction}`, bytes, rates[direction], stopped);
    if (total === undefined && one === undefined) return 0;
    return Promise.all([total, one]).then(() => {});
  }

  #take(
    name: string,
    bytes: number,
    bytesPerSecond: number | null,
    stopped: () => boolean,
  ): Promise<void> | undefined {
    if (bytesPerSecond === null) return undefined;
    let budget = this.#budgets.get(name);
    if (budget === undefined) {
      budget = new SharedBudget(`rate ${name}`, this.limits);
      this.#budgets.set(name, budget);
    }
    return budget.take(bytes, bytesPerSecond, stopped);
  }
}

interface Waiting {
  readonly bytes: number;
  readonly stopped: () => boolean;
  readonly go: () => void;
}

/** This worker's shares of one budget. What waits for them goes in the order in which it came. */
class SharedBudget {
  /** Bytes of the present share that have not moved. */
  #left = 0;
  #waiting: Waiting[] = [];
  #rate = 0;
  #isServing = false;

  constructor(
    private readonly name: string,
    private readonly limits: Pick<SharedLimits, "take">,
  ) {}

  /** @returns undefined where the bytes may move at once */
  take(bytes: number, rate: number, stopped: () => boolean): Promise<void> | undefined {
    this.#rate = rate;
    if (this.#waiting.length === 0 && this.#left >= bytes) {
      this.#left -= bytes;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ bytes, stopped, go: resolve });
    if (!this.#isServing) void this.#serve();
    return promise;
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#waiting.length > 0) {
      const [first] = this.#waiting;
      if (this.#left < first!.bytes) await this.#getShare();
      else {
        this.#left -= first!.bytes;
        this.#waiting.shift();
        first!.go();
      }
    }
    this.#isServing = false;
  }

  /** Takes a share, and waits until it may be used. */
  async #getShare(): Promise<void> {
    const rate = this.#rate;
    const wanted = this.#waiting.reduce((sum, { bytes }) => sum + bytes, -this.#left);
    const [least, most] = [SHARE_MS, MAX_SHARE_MS].map((ms) => rate * ms / 1000);
    const first = this.#waiting[0]!.bytes - this.#left;
    const units = Math.ceil(Math.max(first, least!, Math.min(wanted, most!)));
    const request = { name: this.name, unitUs: 1_000_000 / rate, units };
    const asked = this.limits.take({ ...request, burstUs: BURST_US, mayWait: true })
      .catch(() => undefined); // nothing moves meanwhile
    const grant = await this.#meanwhile(asked);
    await this.#pause(grant?.waitMs ?? PAUSE_MS);
    this.#left += grant?.units ?? 0;
  }

  async #meanwhile(asked: Promise<BudgetGrant | undefined>): Promise<BudgetGrant | undefined> {
    const checking = setInterval(() => this.#dropStopped(), STEP_MS);
    try {
      return await asked;
    } finally {
      clearInterval(checking);
    }
  }

  async #pause(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    for (let now = performance.now(); now < untilMs; now = performance.now()) {
      await delay(Math.min(STEP_MS, untilMs - now));
      this.#dropStopped();
    }
  }

  #dropStopped(): void {
    const left = this.#waiting.filter(({ stopped, go }) => {
      if (!stopped()) return true;
      go();
      return false;
    });
    this.#waiting = left;
  }
}
