/** Times between two reports of a kind, ms: more would fill the log. */
const PERIOD_MS = 1000;

/** Reports of one kind, at most one a second; the next one counts those that were left out. */
export class Sparing {
  #nextMs = -Infinity;
  #more = 0;

  /** @param write called with the number of those before it that were left out */
  note(write: (more: number | undefined) => void): void {
    const nowMs = performance.now();
    if (nowMs < this.#nextMs) {
      this.#more++;
      return;
    }
    this.#nextMs = nowMs + PERIOD_MS;
    write(this.#more === 0 ? undefined : this.#more);
    this.#more = 0;
  }
}
