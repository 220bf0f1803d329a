/** Pause before work that no other transaction took along gets one of its own, ms. */
const PAUSE_MS = 5;
/** The same, after such a transaction failed. */
const RETRY_MS = 1000;

/**
 * Writes that join the next transaction of any kind: a transaction of their own costs more than ten
 * statements. Reads within a transaction see them as done.
 */
export class Riders {
  readonly #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** @param flush carries out a transaction with nothing else in it */
  constructor(private readonly flush: () => Promise<void>) {}

  /** Whether nothing waits. */
  get none(): boolean {
    return this.#waiting.length === 0;
  }

  add(work: () => void): void {
    this.#waiting.push(work);
    this.#timer ??= setTimeout(() => this.#flush(), PAUSE_MS);
  }

  /** Runs the waiting writes within a transaction. @returns their number, for {@linkcode done} */
  run(): number {
    for (const work of this.#waiting) work();
    return this.#waiting.length;
  }

  /** So much was done, and committed: until then it is done again by the next transaction. */
  done(count: number): void {
    if (count > 0) this.#waiting.splice(0, count);
  }

  /** Carries out what waits; nothing may be added any more. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    if (!this.none) await this.flush().catch(() => {}); // recovery does what they would have done
  }

  async #flush(): Promise<void> {
    let pauseMs = 0;
    try {
      if (!this.none) await this.flush();
    } catch {
      pauseMs = RETRY_MS;
    }
    // Writes added since then have no timer of their own.
    const more = !this.#ended && (pauseMs > 0 || !this.none);
    this.#timer = more ? setTimeout(() => this.#flush(), pauseMs || PAUSE_MS) : undefined;
  }
}
