/** Administration of a data directory: `deno task admin COMMAND [--data DIR]`. */
import { runAdmin } from "./server/admin/run.ts";
import { ownTerminal } from "./server/admin/terminal.ts";
import { EXIT, ExitError, messageOf } from "./server/options/error.ts";
import { ownSurroundings } from "./server/options/read.ts";

try {
  const { stdout, exitCode } = await runAdmin(ownSurroundings(), ownTerminal);
  const bytes = new TextEncoder().encode(stdout);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  Deno.exit(exitCode);
} catch (error) {
  console.error(`towpath: ${messageOf(error)}`);
  Deno.exit(error instanceof ExitError ? error.exitCode : EXIT.failed);
}
