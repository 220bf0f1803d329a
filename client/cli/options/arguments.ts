import { clientCommand } from "../../../common/program_name.ts";
import type { Command } from "./command.ts";
import { usageError } from "../../lib/common/error.ts";

/** Checks the number of arguments. @throws {ClientError} with exit code 2 where it is wrong */
export function checkArguments(command: Command, args: string[]): void {
  const { least, most } = command.arguments;
  if (args.length >= least && (most === undefined || args.length <= most)) return;
  const problem = args.length < least ? "An argument is missing" : "There are too many arguments";
  throw usageError(`${problem}: ${clientCommand(`${command.name} ${command.usage}`)}`.trimEnd());
}
