import { commandSuggestion } from "../../../common/command_line.ts";
import { clientCommand } from "../../../common/program_name.ts";
import { tableText } from "../../../common/table.ts";
import type { Command, Context } from "../options/command.ts";
import { usageError } from "../../lib/common/error.ts";
import { NEW_PASSWORD_OPTION } from "../options/new_password.ts";
import { integer, oneOf, size } from "../options/options.ts";
import { ADMIN_ACTIONS, findAction, wordsOf } from "../admin/actions.ts";
import { quoted } from "../../../common/printable.ts";

/** `admin user list|add|remove|permit|quota|passwd`, `admin who|kick|logs` */
export const admin: Command = {
  name: "admin",
  summary: "administer accounts, sessions and logs (permission t)",
  usage: "ACTION [arguments]",
  options: [
    NEW_PASSWORD_OPTION,
    { name: "permissions", value: "LETTERS", summary: "of a new account (user add)" },
    { name: "quota", value: "SIZE", summary: "of a new account (user add)", parse: size },
    {
      name: "delete-files",
      summary: "remove the files too, rather than keep them aside (user remove)",
    },
    {
      name: "lines",
      value: "N",
      default: "200",
      summary: "how many of the last lines (logs)",
      parse: integer(1, 10_000),
    },
    {
      name: "level",
      value: "LEVEL",
      summary: "least level: debug, info, warning or error (logs)",
      parse: oneOf("debug", "info", "warning", "error"),
    },
    { name: "contains", value: "TEXT", summary: "only lines with this text (logs)" },
  ],
  arguments: { least: 1, most: 4 },
  details: `Actions:\n${
    tableText(ADMIN_ACTIONS.map(({ usage, summary }) => [usage, summary]), { indent: "  " })
  }\nA change counts at once, for open sessions too.`,
  examples: [
    "admin user add bob --permissions rw --quota 10G",
    "admin user permit bob rwcd",
    "admin user quota bob none",
    "admin logs audit --contains bob",
  ],
  async run(context: Context) {
    const found = findAction(context.args);
    if (found === undefined) {
      const names = ADMIN_ACTIONS.map((action) => wordsOf(action).join(" "));
      const meant = commandSuggestion(context.args, names);
      throw usageError(
        `There is no action ${quoted(context.args.join(" "))}${
          meant || `: it is one of ${names.join(", ")}`
        }`,
      );
    }
    const { action, operands } = found;
    const words = action.usage.split(" ").slice(wordsOf(action).length);
    const least = words.filter((word) => !word.startsWith("[")).length;
    if (operands.length < least || operands.length > words.length) {
      throw usageError(
        `The action takes other arguments: ${clientCommand(`admin ${action.usage}`)}`,
      );
    }
    await action.run(context, await context.client(), operands);
  },
};
