/** How late a deadline may be kept. */
const LOOK_MS = 100;

/**
 * A deadline with a resolution of a tenth of a second: one timer checks all of them. Several begin
 * and end with every transfer; as timers they took a twentieth of the time of a small one.
 */
export class Deadline {
  static readonly #standing = new Set<Deadline>();
  static #timer: ReturnType<typeof setInterval> | undefined;

  readonly #atMs: number;

  /** @param late called once, where `cancel` did not come before */
  constructor(inMs: number, readonly late: () => void) {
    this.#atMs = performance.now() + inMs;
    Deadline.#standing.add(this);
    Deadline.#timer ??= setInterval(Deadline.#look, LOOK_MS);
  }

  /** Ends it; nothing happens where it has passed. */
  cancel(): void {
    Deadline.#standing.delete(this);
    if (Deadline.#standing.size > 0) return;
    clearInterval(Deadline.#timer);
    Deadline.#timer = undefined;
  }

  static #look(this: void): void {
    const nowMs = performance.now();
    for (const deadline of Deadline.#standing) {
      if (deadline.#atMs > nowMs) continue;
      deadline.cancel();
      deadline.late();
    }
  }
}
