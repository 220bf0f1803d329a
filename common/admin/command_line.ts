/** Finds commands of administration on a command line, and describes them. */
import { ADMIN_WORDS, type AdminName, type AdminOption, type AdminWords } from "./words.ts";
import { commandSuggestion } from "../command_line.ts";
import { printable } from "../printable.ts";
import { tableLines } from "../table.ts";

/** A command line that names a command. */
export interface FoundCommand<N extends AdminName> {
  name: N;
  operands: string[];
}

/** Meanings of SIZE, DUR and other values of options. */
export const VALUES_HELP =
  `SIZE is a number of bytes, with K, M, G or T behind it where wanted, or none; DUR a number with ms,
s, m, h or d; WHEN a date such as 2027-01-31 (UTC), or a DUR from now; CIDR an address or a network
such as 192.0.2.0/24; LETTERS are of r (read), w (write), c (create), d (delete), t (administer).`;

/** The definition of a command. */
export function adminWords(name: AdminName): AdminWords {
  return ADMIN_WORDS[name];
}

/** How a command is written: `user quota NAME SIZE`. */
export function usageOf(name: AdminName): string {
  const { operands, options } = adminWords(name);
  const shown = Object.keys(options).map((option) => `[${optionOf(name, option)}]`);
  return [name, ...operands, ...shown].join(" ");
}

/** How an option of a command is written: `--quota SIZE`. */
export function optionOf(name: AdminName, option: string): string {
  const value = adminWords(name).options[option]?.value;
  return value === undefined ? `--${option}` : `--${option} ${value}`;
}

/** Lines with usage and effect of commands, for the help of all. */
export function overview(names: readonly AdminName[]): string {
  return names.map((name) => `  ${usageOf(name)}\n      ${adminWords(name).summary}`).join("\n");
}

/**
 * The help of one command, without options that every command takes.
 *
 * @param program how the user calls the program
 */
export function adminCommandHelp(program: string, name: AdminName): string {
  const { summary, options, operands } = adminWords(name);
  const head = [program, name, ...operands].join(" ");
  const rows = Object.entries(options).map(([option, { summary }]) => [
    optionOf(name, option),
    summary,
  ]);
  const parts = [`${summary[0]!.toUpperCase()}${summary.slice(1)}.`, `Usage: ${head} [options]`];
  if (rows.length > 0) parts.push(`Options:\n${tableLines(rows, { indent: "  " }).join("\n")}`);
  return [...parts, VALUES_HELP].join("\n\n");
}

/** The options of all of some commands by name: a command line is split before its command is known. */
export function allOptions(names: readonly AdminName[]): Map<string, AdminOption> {
  return new Map(names.flatMap((name) => Object.entries(adminWords(name).options)));
}

/**
 * Finds the command that words name. The word `user` may be left out, and `users` lists the
 * accounts.
 *
 * @param names commands of the program
 * @throws {TypeError} where there is none, or its operands are too few or too many; the message is a
 * sentence without a period
 */
export function findAdminCommand<N extends AdminName>(
  given: readonly string[],
  names: readonly N[],
  program: string,
): FoundCommand<N> {
  const words = fullWords(given, names);
  const name = namedCommand(words, names);
  if (name === undefined) throw new TypeError(notFound(words, names, program));
  const operands = words.slice(name.split(" ").length);
  const wanted = adminWords(name).operands;
  const needed = wanted.filter((one) => !one.startsWith("[")).length;
  if (operands.length < needed || operands.length > wanted.length) {
    const problem = operands.length < needed
      ? `${wanted[operands.length]} is missing`
      : `${printable(JSON.stringify(operands[wanted.length]))} is one argument too many`;
    throw new TypeError(`${problem}: ${program} ${usageOf(name)}`);
  }
  return { name, operands };
}

/** The command that words begin with; undefined where there is none. */
export function namedCommand<N extends AdminName>(
  words: readonly string[],
  names: readonly N[],
): N | undefined {
  const line = `${fullWords(words, names).join(" ")} `;
  // `parts rm ID` begins with the words of `parts` too.
  return names.filter((one) => line.startsWith(`${one} `))
    .sort((a, b) => b.length - a.length)[0];
}

function fullWords(given: readonly string[], names: readonly string[]): string[] {
  if (given[0] === "users") return ["user", "list", ...given.slice(1)];
  const known = (words: string) => names.some((name) => `${name} `.startsWith(`${words} `));
  const [first = ""] = given;
  return !known(first) && known(`user ${first}`) ? ["user", ...given] : [...given];
}

function notFound(words: string[], names: readonly string[], program: string): string {
  const meant = commandSuggestion(words, names);
  const group = `${words[0]} `;
  const actions = names.filter((name) => name.startsWith(group));
  if (actions.length > 0) {
    const listed = actions.map((name) => name.slice(group.length)).join(", ");
    return `${words[0]} needs one of ${listed}${meant}`;
  }
  const word = printable(words.join(" "));
  return `There is no command "${word}"${meant || `; ${program} --help lists them`}`;
}
