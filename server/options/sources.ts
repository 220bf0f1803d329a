/** Where the texts of options come from: the command line, the environment, the config file. */
import { type CommandLine, type Flag, readCommandLine } from "../../common/command_line.ts";
import { reasonOf } from "../../common/os_reason.ts";
import { type Option, OPTION_NAMES, type OptionName, OPTIONS } from "./definitions.ts";
import { environmentName } from "./definitions.ts";
import { failure, messageOf, usageError } from "./error.ts";

/** Texts given for options, and how the source calls each option in messages. */
export interface Given {
  readonly texts: Map<OptionName, string[]>;
  nameOf(name: OptionName): string;
  /** Directory that relative paths of this source start at. */
  readonly base: string;
}

/** Flags of a command line. */
export interface Flags extends Given {
  readonly help: boolean;
  readonly version: boolean;
}

/** The option that shows the help, in all programs. */
export const HELP: Flag = { name: "help", short: "h", takesValue: false };
const VERSION: Flag = { name: "version", takesValue: false };

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

function isToggle(name: OptionName): boolean {
  return OPTIONS[name].kind.placeholder === null;
}

/** Reads the flags; the last one wins where an option takes one value. */
export function readFlags(args: readonly string[], base: string): Flags {
  const flags = OPTION_NAMES.map((name) => ({
    name,
    takesValue: isToggle(name) ? "optional" as const : true,
  }));
  const { values, positionals } = commandLine(args, [...flags, HELP, VERSION]);
  if (positionals.length > 0) throw usageError(`Unexpected argument "${positionals[0]}"`);
  const texts = new Map<OptionName, string[]>();
  for (const [name, given] of values) if (isOption(name)) texts.set(name, [...given]);
  const [help, version] = [values.has(HELP.name), values.has(VERSION.name)];
  return { texts, nameOf: (name) => `--${name}`, base, help, version };
}

/** Reads a command line. @throws {ExitError} with exit code 2 */
export function commandLine(args: readonly string[], flags: readonly Flag[]): CommandLine {
  try {
    return readCommandLine(args, flags);
  } catch (error) {
    throw error instanceof TypeError ? usageError(error.message) : error;
  }
}

/** Reads the environment; an empty variable counts as not set, commas part several values. */
export function readEnvironment(
  variable: (name: string) => string | undefined,
  base: string,
): Given {
  const texts = new Map<OptionName, string[]>();
  for (const name of OPTION_NAMES) {
    const value = variable(environmentName(name));
    if (value === undefined || value === "") continue;
    const option: Option<unknown> = OPTIONS[name];
    texts.set(
      name,
      option.repeatable ? value.split(",").map((part) => part.trim()).filter(Boolean) : [value],
    );
  }
  return { texts, nameOf: environmentName, base };
}

/** Makes the texts of one member of a config file. */
function configTexts(name: OptionName, value: unknown, file: string): string[] {
  const option: Option<unknown> = OPTIONS[name];
  const values = Array.isArray(value) && option.repeatable ? value : [value];
  return values.map((item) => {
    if (["string", "number", "boolean"].includes(typeof item)) return String(item);
    throw usageError(`"${name}" in ${file} has a value of the wrong type`);
  });
}

/** Reads the text of a config file: one JSON object whose keys are names of options. */
export function readConfig(content: string, file: string, base: string): Given {
  let object: unknown;
  try {
    object = JSON.parse(content);
  } catch (error) {
    throw usageError(`The config file ${file} is not valid JSON: ${messageOf(error)}`);
  }
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    throw usageError(`The config file ${file} must hold one JSON object`);
  }
  const texts = new Map<OptionName, string[]>();
  for (const [key, value] of Object.entries(object)) {
    if (!isOption(key) || key === "config") {
      throw usageError(`Unknown key "${key}" in the config file ${file}`);
    }
    texts.set(key, configTexts(key, value, file));
  }
  return { texts, nameOf: (name) => `"${name}" in ${file}`, base };
}

/** Reads a config file; one that the user did not name may be missing. */
export function readConfigFile(file: string, mustExist: boolean): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    // Whether the data directory can be used at all is judged by who prepares it.
    const { NotFound, NotADirectory, NotCapable } = Deno.errors;
    const absent = [NotFound, NotADirectory, NotCapable].some((kind) => error instanceof kind);
    if (absent && !mustExist) return undefined;
    throw failure(`Cannot read the config file ${file}: ${reasonOf(error, null)}`, error);
  }
}
