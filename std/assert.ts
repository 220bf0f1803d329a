/**
 * `@std/assert`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/assert@1`.
 */
import * as source from "deno-std/assert/mod.js";

// deno-lint-ignore no-explicit-any
type Class<E extends Error> = abstract new (...args: any[]) => E;

interface Throws {
  (run: () => unknown, message?: string): unknown;
  <E extends Error>(
    run: () => unknown,
    errorClass: Class<E>,
    messageIncludes?: string,
    message?: string,
  ): E;
}

interface Rejects {
  (run: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
  <E extends Error>(
    run: () => PromiseLike<unknown>,
    errorClass: Class<E>,
    messageIncludes?: string,
    message?: string,
  ): Promise<E>;
}

/** Fails unless a value is truthy. @throws {AssertionError} */
export const assert: (value: unknown, message?: string) => asserts value = source.assert;

/** Fails unless two values are equal in depth. @throws {AssertionError} */
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void =
  source.assertEquals;

/** Fails if two values are equal in depth. @throws {AssertionError} */
export const assertNotEquals: <T>(actual: T, expected: T, message?: string) => void =
  source.assertNotEquals;

/** Fails unless two values are the same by `Object.is`. @throws {AssertionError} */
export const assertStrictEquals: <T>(
  actual: unknown,
  expected: T,
  message?: string,
) => asserts actual is T = source.assertStrictEquals;

/** Fails if two values are the same by `Object.is`. @throws {AssertionError} */
export const assertNotStrictEquals: <T>(actual: T, expected: T, message?: string) => void =
  source.assertNotStrictEquals;

/** Fails unless a text matches a pattern. @throws {AssertionError} */
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void =
  source.assertMatch;

/** Fails if a text matches a pattern. @throws {AssertionError} */
export const assertNotMatch: (actual: string, expected: RegExp, message?: string) => void =
  source.assertNotMatch;

/** Fails unless a function throws. @returns the thrown error @throws {AssertionError} */
export const assertThrows: Throws = source.assertThrows;

/** Fails unless the promise of a function rejects. @returns the reason @throws {AssertionError} */
export const assertRejects: Rejects = source.assertRejects;

/** Fails. @throws {AssertionError} always */
export const fail: (message?: string) => never = source.fail;
