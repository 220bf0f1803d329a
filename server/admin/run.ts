/** Finds the command on the command line and runs it. */
import {
  adminCommandHelp,
  allOptions,
  findAdminCommand,
  namedCommand,
} from "../../common/admin/command_line.ts";
import { programName } from "../../common/program_name.ts";
import { join, resolve } from "@std/path";
import type { Flag } from "../../common/command_line.ts";
import { nodeName } from "../data/cluster_access.ts";
import { PLACES, prepareDataDirectory } from "../data/data_directory.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { EXIT, ExitError, messageOf, usageError } from "../options/error.ts";
import { commandLine, HELP } from "../options/sources.ts";
import { toggle } from "../options/kinds.ts";
import { readOptions, type Surroundings } from "../options/read.ts";
import { auditedCommand } from "./audit.ts";
import type { AdminCommand } from "./command.ts";
import { ADMIN_COMMANDS, ADMIN_NAMES, adminHelp } from "./commands.ts";
import { forOperator } from "../data/operator_error.ts";
import { asOwner } from "./host/ownership.ts";
import type { Terminal } from "./terminal.ts";

/** Output and exit code. */
export interface AdminResult {
  stdout: string;
  exitCode: number;
  /** Advice if it cannot be printed. */
  ifLost?: string;
}

/**
 * Runs one command line.
 *
 * @param withoutNetwork called before any data is opened, where the command needs no network
 * @throws {ExitError}
 */
export async function runAdmin(
  from: Surroundings,
  terminal: Terminal,
  withoutNetwork: () => void = () => {},
): Promise<AdminResult> {
  const { words, texts } = splitArguments(from.args);
  if (words.length === 0) {
    return { stdout: adminHelp(), exitCode: texts.has("help") ? EXIT.done : EXIT.usage };
  }
  if (texts.has("help")) return { stdout: helpOf(words), exitCode: EXIT.done };
  const { command, operands } = findCommand(words);
  const json = texts.has("json") && toggle.read(texts.get("json")!);
  texts.delete("json");
  const dataFlag = texts.get("data");
  texts.delete("data");
  const flags = readFlags(command, texts);

  const { options } = readOptions({ ...from, args: dataFlag ? ["--data", dataFlag] : [] });
  if (options.catalog === null && !command.usesNetwork) withoutNetwork();
  const data = placeOf(command, options);
  const context = {
    data,
    options,
    terminal,
    resolve: (path: string) => resolve(from.directory, path),
    readOptions: (args: readonly string[], without: readonly string[]) => {
      const variable = (name: string) => without.includes(name) ? undefined : from.variable(name);
      return readOptions({ ...from, args, variable }).options;
    },
    report: (text: string, data: Record<string, unknown>) =>
      console.error(json ? JSON.stringify(data) : text),
  };
  const event = command.audited?.(operands, flags);
  const outcome = await asOwner(
    data,
    () =>
      auditedCommand(data, event, () => command.run(context, operands, flags), nodeName(options)),
  ).catch((error) => {
    throw forOperator(error, data);
  });
  const stdout = json ? JSON.stringify(outcome.data) + "\n" : outcome.text;
  const { exitCode = EXIT.done, ifLost } = outcome;
  return { stdout, exitCode, ...(ifLost === undefined ? {} : { ifLost }) };
}

/** The help of the command that words name, or of all. */
function helpOf(words: string[]): string {
  const name = namedCommand(words, ADMIN_NAMES);
  return name === undefined ? adminHelp() : `${adminCommandHelp(programName("admin"), name)}\n`;
}

interface Arguments {
  words: string[];
  /** Texts of flags by name; the last one wins. */
  texts: Map<string, string>;
}

function splitArguments(args: readonly string[]): Arguments {
  const flags = new Map<string, Flag>([
    ["data", { name: "data", takesValue: true }],
    ["json", { name: "json", takesValue: "optional" }],
    [HELP.name, HELP],
  ]);
  for (const [name, { value }] of allOptions(ADMIN_NAMES)) {
    flags.set(name, { name, takesValue: value === undefined ? "optional" : true });
  }
  const { values, positionals } = commandLine(args, [...flags.values()]);
  const texts = new Map<string, string>();
  for (const [name, given] of values) texts.set(name, given.at(-1)!);
  return { words: [...positionals], texts };
}

function findCommand(words: string[]): { command: AdminCommand; operands: string[] } {
  try {
    const { name, operands } = findAdminCommand(words, ADMIN_NAMES, programName("admin"));
    return { command: ADMIN_COMMANDS.find((one) => one.name === name)!, operands };
  } catch (error) {
    throw error instanceof TypeError ? usageError(error.message) : error;
  }
}

function readFlags(command: AdminCommand, texts: Map<string, string>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of texts) {
    const kind = command.flags[name];
    if (kind === undefined) throw usageError(`${command.name} takes no option --${name}`);
    try {
      values[name] = kind.read(text);
    } catch (error) {
      throw usageError(`--${name} is ${JSON.stringify(text)} but must be ${messageOf(error)}`);
    }
  }
  return values;
}

/** The data directory that a command works with. @throws {ExitError} */
function placeOf({ name, needsCatalog, oneMachine }: AdminCommand, options: ServerOptions): string {
  if (options.catalog !== null) {
    if (!oneMachine) return prepareDataDirectory(options.data); // for its audit log
    throw usageError(
      `${name} copies files of one machine, and --catalog is set: back up the database with ` +
        "pg_dump or pg_basebackup, and the bucket with its own tools",
    );
  }
  return needsCatalog === false ? newData(options.data) : existingData(options.data);
}

/** A data directory that need not be there, links resolved where it is. */
function newData(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}

/** The data directory, links resolved. A typing error must not make an empty catalog somewhere. */
function existingData(path: string): string {
  try {
    const real = Deno.realPathSync(path);
    Deno.statSync(join(real, PLACES.catalog));
    return real;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new ExitError(
        EXIT.notFound,
        `${path} is no data directory of a server: it holds no catalog`,
      );
    }
    throw error;
  }
}
