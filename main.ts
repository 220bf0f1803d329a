/** The server: `deno task serve [options]`. */
import { serveProgram } from "./server/cli/serve_program.ts";

await serveProgram(Deno.args);
