import type { Command } from "../../options/command.ts";
import { usageError } from "../../../lib/common/error.ts";
import type { OptionSpec } from "../../options/options.ts";
import { parseWhen, WHEN_FORM } from "../../../../common/expiry.ts";
import { printable, quoted } from "../../../../common/printable.ts";

const EXPIRES: OptionSpec = {
  name: "expires",
  value: "WHEN",
  summary: "when it ends: a duration from now such as 7d, or a date such as 2027-01-31",
  parse: parseExpiry,
};

/** `share PATH USER` */
export const share: Command = {
  name: "share",
  summary: "share a file or directory with another account, a group (@name), or * for all",
  usage: "PATH USER [--permissions r] [--expires WHEN]",
  options: [
    {
      name: "permissions",
      value: "LETTERS",
      default: "r",
      summary: "permissions as letters of rwcd, at most your own",
    },
    EXPIRES,
  ],
  arguments: { least: 2, most: 2 },
  details:
    `The other account finds it under the path that is printed. Sharing again replaces the letters.`,
  examples: [
    "share /reports bob --permissions rw --expires 30d",
    "share plans @staff",
    "share may.csv '*'",
  ],
  async run(context) {
    const client = await context.client();
    const [filename, username] = context.args as [string, string];
    const data = await client.request(
      "SHAR",
      {
        filename,
        username,
        permissions: context.values.text("permissions"),
        expires: context.values.number("expires"),
      },
      `Cannot share ${quoted(filename)} with ${quoted(username)}`,
      { filename },
    );
    context.output.event("done", { filename, username, ...data });
    if (typeof data.path === "string") context.output.result(printable(data.path));
  },
};

/** A time in ms since the Unix epoch. */
function parseExpiry(text: string, option: string): number {
  const timeMs = parseWhen(text);
  if (timeMs !== undefined) return timeMs;
  throw usageError(`${option} must be ${WHEN_FORM}, not "${text}"`);
}
