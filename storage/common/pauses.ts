import { delay } from "@std/async";

/** Delayed work, which can be awaited. */
export class Pauses {
  readonly #running = new Set<Promise<void>>();

  /** Calls `then` after a pause, ms. */
  add(ms: number, then: () => void): void {
    const pause = delay(ms).then(() => {
      this.#running.delete(pause);
      then();
    });
    this.#running.add(pause);
  }

  /** The pause that ends next; undefined: there is none. */
  get next(): Promise<void> | undefined {
    return this.#running.size === 0 ? undefined : Promise.race(this.#running);
  }
}
