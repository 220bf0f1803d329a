/** Administration of a data directory as a program: from its arguments to its exit code. */
import { runAdmin } from "../admin/run.ts";
import { ownTerminal } from "../admin/terminal.ts";
import { failure, messageOf } from "../options/error.ts";
import { ownSurroundings } from "../options/read.ts";
import { runProgram } from "./run_program.ts";

/**
 * Runs one command on a data directory.
 *
 * @param args without the program's own name
 */
export function adminProgram(args: readonly string[]): Promise<never> {
  return runProgram(async (print) => {
    const { stdout, exitCode, ifLost } = await runAdmin(
      ownSurroundings(args),
      ownTerminal,
      giveUpNetwork,
    );
    try {
      print(stdout);
    } catch (error) {
      const next = ifLost === undefined ? "" : `. ${ifLost}`;
      const why = `The results cannot be printed on standard output: ${messageOf(error)}`;
      throw failure(why + next, error);
    }
    return exitCode;
  });
}

/** Gives the network up: the command works on a data directory alone. */
function giveUpNetwork(): void {
  Deno.permissions.revokeSync({ name: "net" });
}
