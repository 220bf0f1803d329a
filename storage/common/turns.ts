/** Turns for others between short pieces of work that one client has at hand, such as requests. */
import { setImmediate } from "node:timers";
import { nextSlice } from "./slices.ts";

/** How long one client's work goes on before others have their turn. */
const TURN_MS = 10;
/** Turns in a row after which the event loop is made to look at all sockets. */
const TURNS_IN_A_ROW = 3;

/** Pauses between the requests of one connection. */
export class Turns {
  #endMs = 0;
  #count = 0;

  /** To be awaited between two pieces of work, where it is not undefined: others waited long enough. */
  next(): Promise<void> | undefined {
    const now = performance.now();
    if (now < this.#endMs) return undefined;
    // With work always at hand, an immediate lets Deno look at its sockets at every 61st turn only.
    this.#count = now - this.#endMs < TURN_MS ? this.#count + 1 : 1;
    const pause = this.#count % TURNS_IN_A_ROW === 0
      ? nextSlice()
      : new Promise<void>((resolve) => setImmediate(resolve));
    return pause.then(() => {
      this.#endMs = performance.now() + TURN_MS;
    });
  }
}
