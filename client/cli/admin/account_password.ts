/** The new password of an account: from standard input, a file or a prompt, or made up. */
import { toText } from "@std/streams";
import { canAsk } from "../../../common/secret_prompt.ts";
import { generatePassword } from "../../../common/secrets.ts";
import { clientCommand } from "../../../common/program_name.ts";
import { quoted } from "../../../common/printable.ts";
import { ClientError, usageError } from "../../lib/common/error.ts";
import { localPath } from "../../lib/local/local_path.ts";
import { ask, readSecret } from "../options/credentials.ts";
import type { Context } from "../options/command.ts";

/** A new password. */
export interface AccountPassword {
  password: string;
  /** It was made up, and has to be shown once. */
  made: boolean;
}

/** Gets it. @throws {ClientError} with exit code 2 where two sources are given */
export async function accountPassword(
  { values }: Context,
  name: string,
): Promise<AccountPassword> {
  const file = values.text("new-password-file");
  if (values.flag("password-stdin")) {
    if (file !== undefined) {
      throw usageError("--password-stdin and --new-password-file contradict each other: give one");
    }
    // One line, as `echo` and files write it.
    const password = (await toText(Deno.stdin.readable)).replace(/\r?\n$/, "");
    return { password, made: false };
  }
  if (file !== undefined) return { password: readSecret(localPath(file)), made: false };
  if (canAsk()) {
    const password = await ask(`Password for ${name} (Enter makes one up): `, false);
    if (password !== "") {
      if (await ask("The same again: ", false) === password) return { password, made: false };
      throw usageError("The two passwords differ");
    }
  }
  return { password: generatePassword(), made: true };
}

/**
 * Prints a password that was made up; others are known.
 *
 * @throws {ClientError} where it could not be printed: what to do then
 */
export function printPassword({ output }: Context, secret: AccountPassword, name: string): void {
  for (const line of shownPassword(secret).lines) output.result(line);
  output.flush();
  if (!secret.made || output.failure === undefined) return;
  const again = clientCommand(`admin user passwd ${name}`);
  throw new ClientError(
    `${output.failure.message}. The password of ${quoted(name)} is lost: give it another one ` +
      `with ${again}`,
    { exitCode: output.failure.exitCode, cause: output.failure },
  );
}

/** The line and the members that show a password that was made up. */
export function shownPassword(
  { password, made }: AccountPassword,
): { lines: string[]; data: { password?: string } } {
  if (!made) return { lines: [], data: {} };
  return { lines: [`Password, shown only now: ${password}`], data: { password } };
}
