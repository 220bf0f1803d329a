// Leaves nothing behind, however the program ends.

/**
 * Runs `work` with a stack of what has to be undone; it is undone once, last first, at the end or at
 * SIGINT or SIGTERM, which then end the process with exit code 130.
 */
export async function withCleanup<T>(
  work: (stack: AsyncDisposableStack) => Promise<T>,
): Promise<T> {
  const stack = new AsyncDisposableStack();
  let ending: Promise<void> | undefined;
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      interrupted = true;
      ending ??= stack.disposeAsync();
      ending.finally(() => Deno.exit(130));
    });
  }
  try {
    return await work(stack);
  } finally {
    // The clean-up has made `work` fail; the signal ends the process, not that error.
    if (interrupted) await new Promise(() => {});
    await (ending ??= stack.disposeAsync());
  }
}
