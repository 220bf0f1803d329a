import { clientCommand } from "../../../common/program_name.ts";
import type { Command } from "./command.ts";
import { commandSuggestion } from "../../../common/command_line.ts";
import { printable } from "../../../common/printable.ts";
import { type ClientError, usageError } from "../../lib/common/error.ts";

/** Checks the number of arguments. @throws {ClientError} with exit code 2 where it is wrong */
export function checkArguments(command: Command, args: string[]): void {
  const { least, most } = command.arguments;
  if (args.length >= least && (most === undefined || args.length <= most)) return;
  const problem = args.length < least ? "An argument is missing" : "There are too many arguments";
  throw usageError(`${problem}: ${clientCommand(`${command.name} ${command.usage}`)}`.trimEnd());
}

/**
 * The error for arguments that begin with none of a command's actions, or with one that has more
 * or fewer arguments than are given.
 */
export function actionError(
  { name, usage }: Command,
  actions: readonly string[],
  given: readonly string[],
): ClientError {
  const [action = ""] = given;
  const line = clientCommand(`${name} ${usage}`);
  if (actions.includes(action)) {
    const problem = given.length === 1 ? "An argument is missing" : "There are too many arguments";
    return usageError(`${problem}: ${line}`);
  }
  const meant = commandSuggestion([name, action], actions.map((one) => `${name} ${one}`));
  return usageError(`There is no command "${name} ${printable(action)}"${meant || `: ${line}`}`);
}
