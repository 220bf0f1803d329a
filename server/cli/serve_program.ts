/** The server as a program: from its arguments to its exit code. */
import { helpText } from "../options/help.ts";
import { EXIT } from "../options/error.ts";
import { ownSurroundings, readOptions } from "../options/read.ts";
import { serve } from "../serve.ts";
import { SERVER_INFO } from "../door/version.ts";
import { runProgram } from "./run_program.ts";

/**
 * Runs the server until a signal ends it.
 *
 * @param args without the program's own name
 */
export function serveProgram(args: readonly string[]): Promise<never> {
  return runProgram(async (print) => {
    const { options, help, version } = readOptions(ownSurroundings(args));
    if (help || version) {
      print(help ? helpText() : `${SERVER_INFO.name} ${SERVER_INFO.version}\n`);
      return EXIT.done;
    }
    const adminPassword = Deno.env.get("TOWPATH_ADMIN_PASSWORD") || undefined;
    const reread = () => readOptions(ownSurroundings(args)).options;
    return await serve(options, { adminPassword, print, reread });
  });
}
