/** Puts the options together: a flag beats the environment, which beats the config file. */
import { dirname, join, resolve } from "@std/path";
import { type Option, OPTION_NAMES, type OptionName, OPTIONS } from "./definitions.ts";
import type { ServerOptions } from "./definitions.ts";
import { messageOf, usageError } from "./error.ts";
import { type Given, readConfig, readConfigFile, readEnvironment, readFlags } from "./sources.ts";

/** Result of reading a program's options. */
export interface ReadOptions {
  options: ServerOptions;
  help: boolean;
  version: boolean;
}

/** Where options are read from. */
export interface Surroundings {
  args: readonly string[];
  /** Value of an environment variable. */
  variable(name: string): string | undefined;
  /** The working directory. */
  directory: string;
}

/** The surroundings of this process. `deno task` leaves the current directory in `INIT_CWD`. */
export function ownSurroundings(args: readonly string[]): Surroundings {
  return {
    args,
    variable: (name) => Deno.env.get(name),
    directory: Deno.env.get("INIT_CWD") || Deno.cwd(),
  };
}

function readOne(name: OptionName, text: string, given: Given): unknown {
  const option: Option<unknown> = OPTIONS[name];
  try {
    const value = option.kind.read(text);
    return option.isPath ? resolve(given.base, String(value)) : value;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(
      `${given.nameOf(name)} is ${JSON.stringify(text)} but must be ${messageOf(error)}`,
    );
  }
}

function valueOf(name: OptionName, sources: readonly Given[], directory: string): unknown {
  const option: Option<unknown> = OPTIONS[name];
  for (const given of sources) {
    const texts = given.texts.get(name);
    if (texts === undefined) continue;
    const values = texts.map((text) => readOne(name, text, given));
    return option.repeatable ? values : values.at(-1);
  }
  const fallback = option.fallback;
  return option.isPath && typeof fallback === "string" ? resolve(directory, fallback) : fallback;
}

/**
 * Reads all options.
 *
 * @throws {ExitError} one sentence that names the wrong value or the unknown key
 */
export function readOptions(from: Surroundings): ReadOptions {
  const flags = readFlags(from.args, from.directory);
  const environment = readEnvironment(from.variable, from.directory);
  const sources: Given[] = [flags, environment];
  const { help, version } = flags;
  if (!help && !version) {
    const config = findConfig(sources, from.directory);
    if (config !== undefined) sources.push(config);
  }
  const options = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, valueOf(name, sources, from.directory)]),
  ) as ServerOptions;
  if (!help && !version) {
    if ((options.cert === null) !== (options.key === null)) {
      throw usageError("--cert and --key go together: one of them is missing");
    }
    if (options["web-plain"] && options["trusted-proxy"].length === 0) {
      throw usageError("--web-plain serves proxies alone: name them with --trusted-proxy");
    }
    if ((options.catalog === null) !== (options.store === null)) {
      throw usageError("--catalog and --store go together: one of them is missing");
    }
  }
  return { options, help, version };
}

/** Finds the given config file, or the one in the data directory. */
function findConfig(sources: readonly Given[], directory: string): Given | undefined {
  const asked = valueOf("config", sources, directory) as string | null;
  const data = valueOf("data", sources, directory) as string;
  const file = asked ?? join(data, "config.json");
  const content = readConfigFile(file, asked !== null);
  if (content === undefined) return undefined;
  const config = readConfig(content, file, dirname(file));
  // A config file that was found in one data directory cannot lead to another.
  if (asked === null && config.texts.has("data") && valueOf("data", [config], directory) !== data) {
    throw usageError(`"data" in ${file} names another directory than the one it lies in`);
  }
  return config;
}
