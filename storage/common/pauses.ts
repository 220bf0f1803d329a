import { delay } from "@std/async";

/** Pauses behind which something goes on, and that can be waited for. */
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
