/** Holds each account to a number of bytes per second, over all its connections. */
export class RateLimiter {
  readonly #bytesPerSecond: number | null;
  /** When the bytes taken so far will have been paid for, by account, on the monotonic clock. */
  readonly #paidUntilMs = new Map<string, number>();

  /** @param bytesPerSecond null: no limit */
  constructor(bytesPerSecond: number | null) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Resolves once the account may have moved so many bytes more. */
  take(account: string, bytes: number): Promise<void> | void {
    if (this.#bytesPerSecond === null) return;
    const now = performance.now();
    const from = Math.max(now, this.#paidUntilMs.get(account) ?? 0);
    const until = from + bytes / this.#bytesPerSecond * 1000;
    this.#paidUntilMs.set(account, until);
    if (this.#paidUntilMs.size > 10_000) this.#forgetPaid(now);
    const waitMs = until - now;
    if (waitMs > 5) return new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  #forgetPaid(now: number): void {
    for (const [account, until] of this.#paidUntilMs) {
      if (until < now) this.#paidUntilMs.delete(account);
    }
  }
}
