import { clientCommand } from "../../../common/program_name.ts";
import type { Command } from "./command.ts";
import { usageError } from "../../lib/common/error.ts";

/** @throws {ClientError} with exit code 2 for too few or too many arguments */
export function checkArguments(command: Command, args: string[]): void {
  const { least, most } = command.arguments;
  if (args.length >= least && (most === undefined || args.length <= most)) return;
  const problem = args.length < least ? "An argument is missing" : "There are too many arguments";
  throw usageError(`${problem}: ${clientCommand(`${command.name} ${command.usage}`)}`.trimEnd());
}
