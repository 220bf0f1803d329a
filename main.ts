/** The server: `deno task serve [options]`. */
import { helpText } from "./server/options/help.ts";
import { EXIT, ExitError, messageOf, reasonOf } from "./server/options/error.ts";
import { ownSurroundings, readOptions } from "./server/options/read.ts";
import { serve } from "./server/serve.ts";
import { SERVER_INFO } from "./server/version.ts";

function print(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

async function main(): Promise<number> {
  const { options, help, version } = readOptions(ownSurroundings());
  if (help || version) {
    print(help ? helpText() : `${SERVER_INFO.name} ${SERVER_INFO.version}\n`);
    return EXIT.done;
  }
  const adminPassword = Deno.env.get("TOWPATH_ADMIN_PASSWORD") || undefined;
  const reread = () => readOptions(ownSurroundings()).options;
  return await serve(options, { adminPassword, print, reread });
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(`towpath: ${error instanceof ExitError ? messageOf(error) : reasonOf(error)}`);
  Deno.exit(error instanceof ExitError ? error.exitCode : EXIT.failed);
}
