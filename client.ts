/** Client entry: a command line (docs/cli.md). */
import { main } from "./client/cli/cli.ts";

Deno.exit(await main(Deno.args));
