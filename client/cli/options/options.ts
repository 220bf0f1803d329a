/** Options of the command line: one definition each, from which parsing, environment and help come. */
import { type CommandLine, readCommandLine } from "../../../common/command_line.ts";
import type { Chmod } from "../../lib/local/carried_mode.ts";
import { env } from "../../lib/common/environment.ts";
import { usageError } from "../../lib/common/error.ts";
import { parseDuration, parseInteger, parseSize } from "../terminal/units.ts";

/** An option's definition. */
export interface OptionSpec {
  /** Without the dashes. */
  name: string;
  short?: string;
  /** Name of its value in the help; a flag has none. */
  value?: string;
  /** Environment variable with the same value. */
  env?: string;
  summary: string;
  /** Default value, for the help. */
  default?: string;
  /** Checks and reads the value. */
  parse?(text: string, option: string): unknown;
}

/** Values from the command line and the environment. */
export class Values {
  readonly #values: Map<string, unknown>;
  readonly #given: Set<string>;

  /** @param given names of the options that the command line gave, not the environment */
  constructor(values: Map<string, unknown>, given: ReadonlySet<string>) {
    this.#values = values;
    this.#given = new Set(given);
  }

  /** Whether the command line gave an option, rather than the environment. */
  given(name: string): boolean {
    return this.#given.has(name);
  }

  /** Whether a flag was given. */
  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  /** Gives an option a value, as the command line does. */
  give(name: string, value: unknown): void {
    this.set(name, value);
    this.#given.add(name);
  }

  /** Gives an option a value. */
  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  /** An option's value, as its definition reads it. */
  get(name: string): unknown {
    return this.#values.get(name);
  }

  /** A text option's value. */
  text(name: string): string | undefined {
    return this.#values.get(name) as string | undefined;
  }

  /** A numeric option's value, in its unit (bytes, milliseconds, …). */
  number(name: string): number | undefined {
    return this.#values.get(name) as number | undefined;
  }

  /** Value of `--chmod`. */
  chmod(): Chmod {
    return this.#values.get("chmod") as Chmod | undefined ?? "keep";
  }
}

/** The reader of permission bits: octal digits, `keep` or `none`. */
export const chmod = (text: string, option: string): Chmod => {
  if (text === "keep" || text === "none") return text;
  if (/^0?[0-7]{3}$/.test(text)) return parseInt(text, 8);
  throw usageError(`${option} must be octal digits as in 640, keep or none, not "${text}"`);
};
/** A SIZE option's reader. */
export const size = (text: string, option: string) => parseSize(text, option);
/** A DUR option's reader. */
export const duration = (text: string, option: string) => parseDuration(text, option);
/** A whole number's reader. */
export const integer = (least: number, most: number) => (text: string, option: string) =>
  parseInteger(text, option, least, most);
/** A reader that accepts some words. */
export const oneOf = (...words: string[]) => (text: string, option: string) => {
  if (words.includes(text)) return text;
  throw usageError(`${option} must be one of ${words.join(", ")}, not "${text}"`);
};

/** Options that every command takes (docs/cli.md, "Common options"). */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  {
    name: "server",
    value: "HOST:PORT",
    env: "TOWPATH_SERVER",
    default: "the last login's, else localhost:9000",
    summary: "the server",
  },
  {
    name: "profile",
    value: "NAME",
    env: "TOWPATH_PROFILE",
    summary: "the server and login that login --as kept under this name",
  },
  { name: "host", value: "HOST", summary: "the server's host, in place of the one in --server" },
  {
    name: "port",
    value: "N",
    summary: "its port, in place of the one in --server",
    parse: integer(1, 65_535),
  },
  { name: "user", value: "NAME", env: "TOWPATH_USER", summary: "user name" },
  { name: "password-file", value: "FILE", summary: "file whose first line is the password" },
  {
    name: "ca",
    value: "FILE",
    env: "TOWPATH_CA",
    summary: "certificate authority to trust, in PEM",
  },
  { name: "json", summary: "results and events as JSON, one object per line" },
  { name: "quiet", short: "q", summary: "nothing on stderr but errors" },
  { name: "no-progress", summary: "no progress bars" },
  {
    name: "parallel",
    value: "N",
    default: "4 for trees",
    summary: "connections to transfer over",
    parse: integer(1, 64),
  },
  {
    name: "chmod",
    value: "MODE",
    default: "keep",
    summary:
      "permission bits of transferred files: octal as in 640, keep (the file's own), or none",
    parse: chmod,
  },
  { name: "limit-rate", value: "SIZE", summary: "bytes per second, such as 2M", parse: size },
  {
    name: "retries",
    value: "N",
    default: "5",
    summary: "further tries after a lost connection",
    parse: integer(0, 1000),
  },
  {
    name: "timeout",
    value: "DUR",
    default: "30s",
    summary: "longest silence before a connection counts as lost",
    parse: duration,
  },
  {
    name: "log-file",
    value: "FILE",
    env: "TOWPATH_LOG_FILE",
    summary: "append what the client does to this file; no secret is in it",
  },
  {
    name: "log-format",
    value: "FORMAT",
    default: "text",
    summary: "form of its lines: text or json",
    parse: oneOf("text", "json"),
  },
  { name: "help", short: "h", summary: "this help" },
];

const SECRETS = ["--password", "--token", "--new-password"];

/**
 * Reads a command line.
 *
 * @throws {ClientError} with exit code 2
 */
export function parseCommandLine(
  args: string[],
  specs: readonly OptionSpec[],
): { values: Values; positionals: string[] } {
  for (const arg of args) {
    if (SECRETS.some((secret) => arg === secret || arg.startsWith(`${secret}=`))) {
      throw usageError(
        `Secrets are not taken from the command line, where others can read them: use TOWPATH_PASSWORD, TOWPATH_TOKEN or --password-file`,
      );
    }
    if (arg === "--") break;
  }
  const { values: given, positionals } = read(args, specs);
  const values = new Map<string, unknown>();
  for (const spec of specs) {
    const texts = given.get(spec.name);
    const text = texts?.at(-1) ?? (spec.env === undefined ? undefined : env(spec.env));
    if (text === undefined) continue;
    const option = texts === undefined ? spec.env! : `--${spec.name}`;
    const read = spec.parse === undefined ? text : spec.parse(text, option);
    values.set(spec.name, spec.value === undefined ? true : read);
  }
  return { values: new Values(values, new Set(given.keys())), positionals: [...positionals] };
}

function read(args: string[], specs: readonly OptionSpec[]): CommandLine {
  try {
    return readCommandLine(
      args,
      specs.map(({ name, short, value }) => ({ name, short, takesValue: value !== undefined })),
    );
  } catch (error) {
    throw error instanceof TypeError ? usageError(error.message) : error;
  }
}
