import { ask, readSecret } from "./credentials.ts";
import { ClientError, ExitCode, usageError } from "../../lib/common/error.ts";
import { localPath } from "../../lib/local/local_path.ts";
import type { OptionSpec, Values } from "./options.ts";

/** Option for a new password without a terminal. */
export const NEW_PASSWORD_OPTION: OptionSpec = {
  name: "new-password-file",
  value: "FILE",
  summary: "file whose first line is the new password; without it the terminal prompts",
};

/**
 * Reads a new password: from `--new-password-file`, or typed twice on a terminal.
 *
 * @param of its account, for the prompt
 * @throws {ClientError} with exit code 2 where the two differ, 3 where there is no terminal
 */
export async function newPassword(values: Values, of: string): Promise<string> {
  const file = values.text(NEW_PASSWORD_OPTION.name);
  if (file !== undefined) return readSecret(localPath(file));
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) {
    throw new ClientError(
      "There is no new password: give --new-password-file FILE, or use a terminal to be asked",
      { exitCode: ExitCode.login },
    );
  }
  const password = await ask(`New password of ${of}: `, false);
  if (await ask("The same again: ", false) === password) return password;
  throw usageError("The two passwords differ");
}
