/**
 * Version of the cached accounts and tokens, bumped on every change by this process, and at the
 * latest when changes by others must be seen.
 */
export class Epoch {
  #number = 0;
  #sinceMs = -Infinity;
  readonly #watchers: (() => void)[] = [];

  /**
   * An epoch that begins now.
   *
   * @param lagMs how long changes by other processes may go unnoticed, ms; 0: nothing is cached
   * @param changed whether others may have changed something since its last call; without it, they
   * may at any time
   */
  constructor(private readonly lagMs: number, private readonly changed?: () => boolean) {}

  /** The number of the present one. */
  get now(): number {
    const nowMs = performance.now();
    if (nowMs - this.#sinceMs >= this.lagMs) {
      if (this.changed?.() ?? true) this.#number++;
      this.#sinceMs = nowMs;
    }
    return this.#number;
  }

  /** Something was changed: nothing that was read before counts. */
  end(): void {
    this.#number++;
    for (const changed of this.#watchers) changed();
  }

  /** Calls `changed` with each {@linkcode Epoch.end}. */
  watch(changed: () => void): void {
    this.#watchers.push(changed);
  }
}
