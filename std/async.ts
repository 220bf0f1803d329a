/**
 * `@std/async`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/async@1`.
 */
import { deadline as deadlineOf } from "deno-std/async/deadline.js";
import { delay as delayOf } from "deno-std/async/delay.js";

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the wait, which rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the wait keeps the process alive. @default {true} */
  persistent?: boolean;
}

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Ends the wait, which rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Waits for a promise, at most `ms` milliseconds.
 *
 * @throws {DOMException} `TimeoutError` when the time is over
 */
export const deadline: <T>(
  promise: Promise<T>,
  ms: number,
  options?: DeadlineOptions,
) => Promise<T> = deadlineOf;

/** Resolves after `ms` milliseconds. */
export const delay: (ms: number, options?: DelayOptions) => Promise<void> = delayOf;
