import { reasonOf } from "../../common/os_reason.ts";
import { EXIT, ExitError, messageOf } from "../options/error.ts";

/** Runs a program and ends the process with its exit code; an error is one sentence on stderr. */
export async function runProgram(
  program: (print: (text: string) => void) => Promise<number>,
): Promise<never> {
  try {
    Deno.exit(await program(print));
  } catch (error) {
    console.error(`towpath: ${error instanceof ExitError ? messageOf(error) : reasonOf(error)}`);
    Deno.exit(error instanceof ExitError ? error.exitCode : EXIT.failed);
  }
}

/** Writes text to stdout, whole. */
function print(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
