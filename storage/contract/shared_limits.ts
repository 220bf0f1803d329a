/** Limits that several nodes keep together; a server on one machine counts in its own memory. */

/** A request of a worker to a budget that refills evenly. */
export interface BudgetRequest {
  /** Of all workers of all nodes, each budget has its own. */
  readonly name: string;
  /** Time in which one unit comes back, µs. */
  readonly unitUs: number;
  /** Units to take. */
  readonly units: number;
  /** The most that an unused budget gathers, as the time in which it comes back, µs. */
  readonly burstUs: number;
  /**
   * Whether units that are not there yet are given with the time to wait for them. Else there may be
   * fewer of them, or none.
   */
  readonly mayWait: boolean;
}

/** Units of a budget that a worker got. */
export interface BudgetGrant {
  readonly units: number;
  /** Time until they may be used, or until there is one again where it got none, ms. */
  readonly waitMs: number;
}

/** Limits of all nodes together. */
export interface SharedLimits {
  /**
   * Takes units of a budget. They are this worker's, also where it can reach the others no more.
   *
   * @throws {StoreError} `unreachable`
   */
  take(request: BudgetRequest): Promise<BudgetGrant>;
  /**
   * Sets how many places of a name this worker holds. Places of a worker that gives no sign of life
   * count for some seconds.
   *
   * @param max maximum of all workers together; where it would be exceeded, the worker holds one less.
   * `Infinity`: none
   * @returns whether the maximum was kept
   * @throws {StoreError} `unreachable`
   */
  hold(name: string, places: number, max: number): Promise<boolean>;
  /** Calls `forgotten` where what was held may be lost, and is to be set again. */
  onForgotten(forgotten: () => void): void;
}
