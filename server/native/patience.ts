/** How long a login may take, whatever is sent meanwhile. */
const LOGIN_MS = 120_000;

/** How long one connection has kept the server waiting. */
export class Patience {
  readonly #openedMs: number;
  #activityMs: number;

  /** @param clock monotonic, in milliseconds */
  constructor(readonly clock: () => number = () => performance.now()) {
    this.#openedMs = this.#activityMs = clock();
  }

  /** Bytes were moved. */
  touch(): void {
    this.#activityMs = this.clock();
  }

  /**
   * Whether it is to be closed: nothing was moved for too long, or nobody has logged in.
   *
   * @param waits whether it is the peer that something is expected of
   */
  isOver(idleTimeoutMs: number, loggedIn: boolean, waits: boolean): boolean {
    if (!waits) return false;
    const now = this.clock();
    return now - this.#activityMs > idleTimeoutMs || (!loggedIn && now - this.#openedMs > LOGIN_MS);
  }
}
