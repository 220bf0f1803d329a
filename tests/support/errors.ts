import { assert, assertEquals, assertMatch } from "@std/assert";

/** Fails unless an error has these properties; a text is matched where a pattern is expected. */
export function assertErrorLike(
  error: unknown,
  expected: Record<string, unknown>,
  message = String(error),
): void {
  for (const [name, value] of Object.entries(expected)) {
    const actual = (error as Record<string, unknown>)[name];
    if (value instanceof RegExp) assertMatch(String(actual), value, message);
    else assertEquals(actual, value, `${name}: ${message}`);
  }
}

/** Fails unless a function accepts an error. */
export function assertErrorWhere<E = Error>(
  error: unknown,
  accepts: (error: E) => boolean,
  message = String(error),
): void {
  assert(accepts(error as E), message);
}
