/** Client entry: a command line (docs/cli.md). */
import { beginTls } from "./client/cli/begin_tls.ts";

beginTls(Deno.args);
const { main } = await import("./client/cli/cli.ts");
Deno.exit(await main(Deno.args));
