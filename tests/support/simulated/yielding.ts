/** Calls that take a turn of the event loop, as those of an engine behind a network do. */
import { yieldTurn } from "../../../storage/common/slices.ts";

/** How members are treated that are not to be called late. */
export interface YieldingOptions {
  /** Members in the place of the object's own. */
  instead?: Readonly<Record<string, unknown>>;
  /** Methods that answer at once. */
  atOnce?: readonly string[];
  /** Whether the objects that are members yield too. */
  deep?: boolean;
}

/**
 * An object whose every method lets others have a turn before it begins, and before its answer is
 * seen: what runs only because a call is done when it returns, or comes before another one, fails.
 */
export function yielding<T extends object>(of: T, options: YieldingOptions = {}): T {
  const { instead = {}, atOnce = [], deep = false } = options;
  return new Proxy(of, {
    get(target, key) {
      if (typeof key === "string" && key in instead) return instead[key];
      const value: unknown = Reflect.get(target, key, target);
      if (deep && typeof value === "object" && value !== null) return yielding(value);
      if (typeof value !== "function") return value;
      if (atOnce.includes(String(key))) return value.bind(target);
      return async (...args: unknown[]) => {
        await yieldTurn();
        try {
          return await value.apply(target, args);
        } finally {
          await yieldTurn();
        }
      };
    },
  });
}
