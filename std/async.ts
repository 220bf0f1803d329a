/**
 * `@std/async`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/async@1`.
 */
import { delay as delayOf } from "deno-std/async/delay.js";

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the wait, which rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the wait keeps the process alive. @default {true} */
  persistent?: boolean;
}

/** Resolves after so many milliseconds. */
export const delay: (ms: number, options?: DelayOptions) => Promise<void> = delayOf;
