/** Administration of a data directory: `deno task admin COMMAND [--data DIR]`. */
import { adminProgram } from "./server/cli/admin_program.ts";

await adminProgram(Deno.args);
