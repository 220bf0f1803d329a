/** Sources of a new password: standard input, a prompt, or random. Never the command line. */
import { passwordFault } from "../../common/account_names.ts";
import { generatePassword } from "../../common/secrets.ts";
import { failure, usageError } from "../options/error.ts";
import { text, toggle } from "../options/kinds.ts";
import { reasonOf } from "../../common/os_reason.ts";
import type { AdminContext, FlagValues } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** A new password. */
export interface NewPassword {
  password: string;
  /** It was made up, and has to be shown once. */
  made: boolean;
}

/** Options that say where a new password comes from. */
export const PASSWORD_FLAGS = {
  "password-stdin": toggle,
  "new-password-file": text("FILE"),
};
type PasswordSource = FlagValues<typeof PASSWORD_FLAGS>;

/** Gets a new password for an account. */
export async function newPassword(
  { terminal, resolve }: Pick<AdminContext, "terminal" | "resolve">,
  name: string,
  { "password-stdin": fromStdin = false, "new-password-file": file }: PasswordSource,
): Promise<NewPassword> {
  if (fromStdin && file !== undefined) {
    throw usageError("--password-stdin and --new-password-file contradict each other: give one");
  }
  if (fromStdin) {
    // One line, as `echo` and files write it.
    const password = (await terminal.readAll()).replace(/\r?\n$/, "");
    return { password: checked(password), made: false };
  }
  if (file !== undefined) return { password: checked(firstLine(resolve(file))), made: false };
  if (terminal.interactive) {
    const password = await ask(terminal, `Password for ${name} (Enter makes one up): `);
    if (password !== "") {
      checked(password);
      if (await ask(terminal, "The same again: ") !== password) {
        throw usageError("The two passwords are not the same");
      }
      return { password, made: false };
    }
  }
  return { password: generatePassword(), made: true };
}

function firstLine(path: string): string {
  try {
    return Deno.readTextFileSync(path).split(/\r?\n/)[0]!;
  } catch (error) {
    throw failure(`The password file cannot be read: ${reasonOf(error, path)}`, error);
  }
}

async function ask(terminal: Terminal, question: string): Promise<string> {
  const answer = await terminal.askSecret(question);
  if (answer === undefined) throw failure("Interrupted; nothing was changed");
  return answer;
}

function checked(password: string): string {
  const fault = passwordFault(password);
  if (fault) throw usageError(fault);
  return password;
}
