/** Tests that mostly wait: those of a file run at the same time, each under its own name. */

/**
 * Makes a function that registers tests, in place of `Deno.test`, for tests that share nothing. The
 * first one that runs starts all that are not ignored; each has its own result.
 */
export function testsAtOnce(): (
  name: string,
  run: () => Promise<void>,
  options?: { ignore?: boolean },
) => void {
  const tests: (() => Promise<void>)[] = [];
  let results: Promise<void>[] | undefined;
  const startAll = () =>
    tests.map((run) => {
      const result = run();
      result.catch(() => {}); // its own test reports it, later perhaps
      return result;
    });
  // With a filter, some are started that no test waits for.
  Deno.test.afterAll(async () => {
    await Promise.allSettled(results ?? []);
  });
  return (name, run, { ignore = false } = {}) => {
    const index = ignore ? -1 : tests.push(run) - 1;
    Deno.test({
      name,
      ignore,
      // While one ends, the others have open resources.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => (results ??= startAll())[index]!,
    });
  };
}
