import {
  adminCommandHelp,
  findAdminCommand,
  namedCommand,
  overview,
  VALUES_HELP,
} from "../../../common/admin/command_line.ts";
import { clientCommand } from "../../../common/program_name.ts";
import { usageError } from "../../lib/common/error.ts";
import { ADMIN_ACTIONS } from "../admin/actions.ts";
import { ADMIN_OPTIONS, checkOptions, SHARED_NAMES } from "../admin/options.ts";
import type { Command, Context } from "../options/command.ts";

/** `admin COMMAND`: what `admin` does on a data directory, through the server. */
export const admin: Command = {
  name: "admin",
  summary: "administer accounts, sessions, files and logs of the server (permission t)",
  usage: "COMMAND [arguments]",
  options: ADMIN_OPTIONS,
  arguments: { least: 1 },
  details: `Commands:\n${
    overview(SHARED_NAMES)
  }\n\n${VALUES_HELP}\nA change counts at once, for open sessions too.`,
  examples: [
    "admin user add bob --permissions rw --quota 10G",
    "admin user limit bob --rate 1M --connections 4",
    "admin ban 203.0.113.7 --for 1d --reason guessing",
    "admin logs audit --contains bob",
  ],
  helpFor(words) {
    const name = namedCommand(words, SHARED_NAMES);
    return name === undefined ? undefined : adminCommandHelp(clientCommand("admin"), name);
  },
  async run(context: Context) {
    const { name, operands } = found(context.args);
    checkOptions(name, context.values);
    await ADMIN_ACTIONS[name](context, await context.client(), operands);
  },
};

/** @throws {ClientError} with exit code 2 */
function found(words: readonly string[]) {
  try {
    return findAdminCommand(words, SHARED_NAMES, clientCommand("admin"));
  } catch (error) {
    throw error instanceof TypeError ? usageError(error.message) : error;
  }
}
