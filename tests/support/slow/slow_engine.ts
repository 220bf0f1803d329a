/** An engine whose every call takes a turn of the event loop, as one behind a network does. */

/** Longest time that a call takes before anything happens, ms. */
import { delay } from "@std/async";
const MAX_DELAY_MS = 4;

/**
 * Makes every method of a store, of a catalog and of its books begin only after a random time, so
 * that anything else can come between two calls.
 */
export function slowEngine<T extends object>(engine: T): T {
  return new Proxy(engine, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === "object" && value !== null) return slowEngine(value);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        await delay(Math.random() * MAX_DELAY_MS);
        return await value.apply(target, args);
      };
    },
  });
}
