import type { Context } from "./command.ts";
import { ClientError, ConnectionLost, ExitCode } from "../../lib/common/error.ts";

/**
 * Does something with each argument; one that fails does not stop the others.
 *
 * @param work returns the data of the argument's `done` event
 * @throws {ClientError} the failure itself where there is one argument; else, where any failed, one
 * with the code that all have in common, or 10
 */
export async function forEachArgument(
  context: Context,
  work: (arg: string) => Promise<Record<string, unknown>>,
): Promise<void> {
  const { args, output } = context;
  const codes: number[] = [];
  for (const arg of args) {
    try {
      output.event("done", await work(arg));
    } catch (error) {
      const alone = args.length === 1 || error instanceof ConnectionLost;
      if (alone || !(error instanceof ClientError) || context.signal.aborted) throw error;
      codes.push(error.exitCode);
      output.error(error);
    }
  }
  if (codes.length === 0) return;
  const alike = codes.length === args.length && codes.every((code) => code === codes[0]);
  throw new ClientError(`${codes.length} of ${args.length} failed`, {
    exitCode: alike ? codes[0]! : ExitCode.some,
  });
}
