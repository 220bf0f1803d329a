/** Completion of a command line of the system's shell. */
import { programName } from "../../../common/program_name.ts";
import { adminCandidates } from "../../../common/admin/completion.ts";
import { SHARED_NAMES } from "../admin/options.ts";
import { printable } from "../../../common/printable.ts";
import type { Command } from "../options/command.ts";
import { COMMON_OPTIONS, type OptionSpec, parseCommandLine, Values } from "../options/options.ts";
import { type Operand, operandAt, operandOf } from "../shell/places.ts";

/** Requests completion of local files, which the shell does itself. */
export const FILES = ":files";

/** Options whose value is a file of this machine. */
const LOCAL = new Set([
  ...["ca", "password-file", "new-password-file", "log-file"],
  ...["download-dir", "incomplete-dir"],
]);

/**
 * Completes the last of some words, which follow the program's name.
 *
 * @param lister lists a remote directory with the options that were given before
 * @param profiles names of kept logins
 * @returns candidates, each with a tab and its meaning where it has one, or {@linkcode FILES}
 */
export async function candidates(
  words: readonly string[],
  commands: readonly Command[],
  lister: (values: Values) => (directory: string) => Promise<string[]>,
  profiles: readonly string[] = [],
): Promise<string[]> {
  const last = words.at(-1)!;
  const before = words.slice(0, -1);
  const at = before.findIndex((word) => commands.some(({ name }) => name === word));
  const command = commands.find(({ name }) => name === before[at]);
  if (command?.name === "admin" && !isCommon(before, last)) {
    const found = adminCandidates(before.slice(at + 1), last, SHARED_NAMES);
    if (found === "files") return [FILES];
    if (!last.startsWith("-") || found.length > 0) return found.map((row) => row.join("\t"));
  }
  const specs = [...command?.options ?? [], ...COMMON_OPTIONS];
  const pending = before.at(-1);
  const option = specs.find(({ name, value }) => value !== undefined && `--${name}` === pending);
  if (option !== undefined) return await values(option, command);
  if (last.startsWith("-")) {
    return described(specs.map(({ name, summary }) => [`--${name}`, summary]), last);
  }
  if (command === undefined) return described(commandRows(commands), last);
  if (command.name === "logout") return described(profiles.map((one) => [one, ""]), last);
  const own = before.toSpliced(at, 1);
  const index = own.filter((word) => !word.startsWith("-")).length;
  return await paths(operandAt(command.name, index, own), own);

  async function values({ name }: OptionSpec, of: Command | undefined): Promise<string[]> {
    if (LOCAL.has(name)) return [FILES];
    if (name === "profile") return described(profiles.map((one) => [one, ""]), last);
    return await paths(of === undefined ? "other" : operandOf(of.name, name), before.slice(0, -1));
  }

  async function paths(kind: Operand, given: readonly string[]): Promise<string[]> {
    if (kind === "local") return [FILES];
    if (kind === "other") return [];
    const directory = last.slice(0, last.lastIndexOf("/") + 1);
    const found = await lister(readable([...given], specs))(directory || "/");
    return found.map((name) => directory + name)
      .filter((path) => path.startsWith(last) && printable(path) === path).sort();
  }
}

/** Whether an option that every command takes is completed, or its value. */
function isCommon(before: readonly string[], last: string): boolean {
  const starts = (word: string) => COMMON_OPTIONS.some(({ name }) => `--${name}`.startsWith(word));
  const pending = before.at(-1) ?? "";
  if (COMMON_OPTIONS.some(({ name, value }) => value !== undefined && `--${name}` === pending)) {
    return true;
  }
  return last.startsWith("-") && last !== "-" && last !== "--" && starts(last);
}

/** The programs and commands there are, with their meaning. */
function commandRows(commands: readonly Command[]): [string, string][] {
  const rows = commands.map(({ name, summary }): [string, string] => [name, summary]);
  if (programName("client").endsWith(" client")) return rows;
  const programs: [string, string][] = [
    ["serve", "start a server"],
    ["client", "the commands of the client, its admin too"],
    ["admin", "work on a data directory"],
  ];
  return [...programs, ...rows.filter(([name]) => name !== "admin")];
}

function described(rows: [string, string][], start: string): string[] {
  return rows.filter(([name]) => name.startsWith(start)).map((row) => row.join("\t"));
}

/** The options among words that are not finished yet. */
function readable(words: string[], specs: readonly OptionSpec[]): Values {
  try {
    return parseCommandLine(words, specs).values;
  } catch {
    return parseCommandLine([], specs).values;
  }
}
