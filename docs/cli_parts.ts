/** The generated parts of docs/cli.md, from the tables that the programs themselves read. */
import { allCommands } from "../client/cli/commands.ts";
import { COMMON_OPTIONS, type OptionSpec } from "../client/cli/options/options.ts";
import { adminWords, usageOf } from "../common/admin/command_line.ts";
import { ADMIN_NAMES } from "../server/admin/commands.ts";
import { referenceTable } from "../server/options/help.ts";
import { code, readTable, table } from "./table.ts";

const COMMANDS = await allCommands();

/** The options of `serve`. */
export function serverOptions(): string {
  const { headings, rows } = readTable(referenceTable());
  return table(headings, rows);
}

/** The commands of `admin`. */
export function adminCommands(): string {
  return table(
    ["command", "effect"],
    ADMIN_NAMES.map((name) => [code(usageOf(name)), adminWords(name).summary]),
  );
}

/** The commands of the client. */
export function clientCommands(): string {
  return table(
    ["command", "effect"],
    COMMANDS.map(({ name, usage, summary }) => [code(`${name} ${usage}`.trim()), summary]),
  );
}

/** The options that single commands of the client take. */
export function clientCommandOptions(): string {
  return table(
    ["command", "option", "meaning"],
    COMMANDS.flatMap(({ name, options }) =>
      options.map((option) => [code(name), flagOf(option), meaningOf(option)])
    ),
  );
}

/** The options that every command of the client takes. */
export function commonOptions(): string {
  return table(
    ["option", "environment variable", "meaning"],
    COMMON_OPTIONS.map((option) => [
      flagOf(option),
      option.env === undefined ? "" : code(option.env),
      meaningOf(option),
    ]),
  );
}

function flagOf({ name, short, value }: OptionSpec): string {
  const long = code(value === undefined ? `--${name}` : `--${name} ${value}`);
  return short === undefined ? long : `${code(`-${short}`)}, ${long}`;
}

function meaningOf({ summary, default: fallback }: OptionSpec): string {
  return fallback === undefined ? summary : `${summary} (default ${fallback})`;
}
