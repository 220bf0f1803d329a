/** Timeout of the login, regardless of other requests. */
const LOGIN_MS = 120_000;

/** Time since a connection moved bytes, and since it was opened without a login. */
export class IdleTimer {
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
   * Whether the connection is to be closed: no bytes were moved, or no login came, for too long.
   *
   * @param waits whether the server waits for the peer
   */
  isOver(idleTimeoutMs: number, loggedIn: boolean, waits: boolean): boolean {
    if (!waits) return false;
    const now = this.clock();
    return now - this.#activityMs > idleTimeoutMs || (!loggedIn && now - this.#openedMs > LOGIN_MS);
  }
}
