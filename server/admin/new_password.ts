/** Sources of a new password: standard input, a prompt, or random. Never the command line. */
import { passwordFault } from "../auth/names.ts";
import { generatePassword } from "../../common/secrets.ts";
import { failure, usageError } from "../options/error.ts";
import type { Terminal } from "./terminal.ts";

/** A new password. */
export interface NewPassword {
  password: string;
  /** It was made up, and has to be shown once. */
  made: boolean;
}

/** Gets a new password for an account. */
export async function newPassword(
  terminal: Terminal,
  name: string,
  fromStdin: boolean,
): Promise<NewPassword> {
  if (fromStdin) {
    // One line, as `echo` and files write it.
    const password = (await terminal.readAll()).replace(/\r?\n$/, "");
    return { password: checked(password), made: false };
  }
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
