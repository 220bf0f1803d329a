/** Command lines, read in one way by all programs. */
import { parseArgs } from "@std/cli";
import { closestString, levenshteinDistance } from "@std/text";

/** Before each name, so that `parseArgs` does not take `--no-progress` for a negation. */
const KEY = "option-";

/** An option that a program knows. */
export interface Flag {
  /** Without its dashes. */
  name: string;
  /** One letter, for `-x`. */
  short?: string | undefined;
  /** False for a switch; "optional" for one that may be followed by `=value`. */
  takesValue: boolean | "optional";
}

/** Options and arguments of a command line. */
export interface CommandLine {
  /** Values of each option that is given, in their order; `true` for a switch. */
  values: ReadonlyMap<string, readonly string[]>;
  /** Arguments that are no options. */
  positionals: readonly string[];
}

/**
 * Reads a command line: `--name value`, `--name=value`, `-n value`, `-nvalue`, switches together as
 * in `-rl`; `-` is an argument, and so is all that follows `--`.
 *
 * @throws {TypeError} for an unknown option, a missing value, or a value of a switch; the message
 * is a sentence without a period
 */
export function readCommandLine(args: readonly string[], flags: readonly Flag[]): CommandLine {
  const keys = flags.map(({ name }) => KEY + name);
  const parsed = parseArgs(normalise(args, flags), {
    string: ["_", ...keys],
    collect: keys,
    "--": true,
  });
  const values = new Map<string, string[]>();
  for (const { name } of flags) {
    const given = parsed[KEY + name] as string[];
    if (given.length > 0) values.set(name, given);
  }
  return { values, positionals: [...parsed._.map(String), ...parsed["--"]!] };
}

/** Words for the same action; each group is looked through in its order. */
const SAME_ACTION = [
  ["rm", "remove", "revoke", "delete", "del", "drop", "discard"],
  ["add", "create", "new", "make"],
  ["list", "ls", "show"],
];

/** The word that was probably meant, in a sentence's end: `; did you mean --force?`; or nothing. */
export function suggestion(word: string, known: readonly string[], prefix = ""): string {
  if (known.length === 0) return "";
  const meant = known.find((one) => isSwapped(word, one)) ?? closestString(word, known);
  const tolerated = Math.max(1, Math.floor(word.length / 3));
  if (!isSwapped(word, meant) && levenshteinDistance(word, meant) > tolerated) return "";
  return `; did you mean ${prefix}${meant}?`;
}

/** Whether two neighbouring letters are swapped, which the distance counts as two mistakes. */
function isSwapped(word: string, known: string): boolean {
  if (word.length !== known.length || word === known) return false;
  const at = [...word].findIndex((_, index) => word[index] !== known[index]);
  return word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2) === known;
}

/**
 * The command that was probably meant, as {@linkcode suggestion} words it. Names have one or two
 * words; `user`, as in `user add`, may be left out. Another word for the same action is known, as
 * `drop` for `rm`.
 */
export function commandSuggestion(words: readonly string[], names: readonly string[]): string {
  const short = names.filter((name) => name.startsWith("user ")).map((name) => name.slice(5));
  const groups = names.flatMap((name) => name.includes(" ") ? [name.split(" ")[0]!] : []);
  const known = [...names, ...short];
  for (const count of [2, 1]) {
    if (words.length < count) continue;
    const given = words.slice(0, count);
    const same = SAME_ACTION.find((group) => group.includes(given.at(-1)!)) ?? [];
    const other = same.map((action) => [...given.slice(0, -1), action].join(" "))
      .find((name) => known.includes(name));
    if (other !== undefined) return `; did you mean ${other}?`;
    const alike = known.filter((name) => name.split(" ").length === count);
    const isGroup = count === 1 && groups.includes(given[0]!);
    const others = count === 1 && !isGroup ? groups : [];
    const found = suggestion(given.join(" "), [...alike, ...others]);
    if (found !== "") return found;
  }
  return "";
}

/** Brings each option into the form `--option-name=value`. */
function normalise(args: readonly string[], flags: readonly Flag[]): string[] {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const byLetter = new Map(flags.flatMap((flag) => flag.short ? [[flag.short, flag]] : []));
  const result: string[] = [];
  let at = 0;
  const valueOf = (shown: string) => {
    const value = args[at++];
    if (value === undefined) throw new TypeError(`${shown} needs a value`);
    return value;
  };
  while (at < args.length) {
    const arg = args[at++]!;
    if (arg === "--") return [...result, "--", ...args.slice(at)];
    if (arg.startsWith("--")) result.push(long(arg, byName, valueOf));
    else if (arg.startsWith("-") && arg !== "-") result.push(...short(arg, byLetter, valueOf));
    else result.push(arg);
  }
  return result;
}

function long(
  arg: string,
  flags: ReadonlyMap<string, Flag>,
  valueOf: (shown: string) => string,
): string {
  const equals = arg.indexOf("=");
  const shown = equals < 0 ? arg : arg.slice(0, equals);
  const flag = flags.get(shown.slice(2));
  if (flag === undefined) {
    const meant = suggestion(shown.slice(2), [...flags.keys()], "--");
    throw new TypeError(`Unknown option ${shown}${meant || "; --help lists them"}`);
  }
  if (equals >= 0) {
    if (!flag.takesValue) throw new TypeError(`${shown} takes no value`);
    return option(flag, arg.slice(equals + 1));
  }
  return option(flag, flag.takesValue === true ? valueOf(shown) : "true");
}

/**
 * Parses an argument such as `-xyz`: switches, and at the end possibly an option with its value.
 */
function short(
  arg: string,
  flags: ReadonlyMap<string, Flag>,
  valueOf: (shown: string) => string,
): string[] {
  const result: string[] = [];
  for (let index = 1; index < arg.length; index++) {
    const flag = flags.get(arg[index]!);
    if (flag === undefined) throw new TypeError(`Unknown option ${arg}; --help lists them`);
    if (flag.takesValue !== true) result.push(option(flag, "true"));
    else {
      const rest = arg.slice(index + 1);
      result.push(option(flag, rest === "" ? valueOf(`-${arg[index]}`) : rest));
      break;
    }
  }
  return result;
}

function option({ name }: Flag, value: string): string {
  return `--${KEY}${name}=${value}`;
}
