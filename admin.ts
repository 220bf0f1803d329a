/** Administration of a data directory: `deno task admin COMMAND [--data DIR]`. */
import { reasonOf } from "./common/os_reason.ts";
import { runAdmin } from "./server/admin/run.ts";
import { ownTerminal } from "./server/admin/terminal.ts";
import { EXIT, ExitError, failure, messageOf } from "./server/options/error.ts";
import { ownSurroundings } from "./server/options/read.ts";

function print(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch (error) {
    throw failure(`The results cannot be printed on standard output: ${messageOf(error)}`, error);
  }
}

try {
  const { stdout, exitCode } = await runAdmin(ownSurroundings(), ownTerminal);
  print(stdout);
  Deno.exit(exitCode);
} catch (error) {
  console.error(`towpath: ${error instanceof ExitError ? messageOf(error) : reasonOf(error)}`);
  Deno.exit(error instanceof ExitError ? error.exitCode : EXIT.failed);
}
