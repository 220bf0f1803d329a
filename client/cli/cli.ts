/** From a command line to an exit code. */
import { clientCommand } from "../../common/program_name.ts";
import { suggestion } from "../../common/command_line.ts";
// What is loaded on demand uses this package: naming it here has the first start fetch it too.
import "string-width/package.json" with { type: "json" };
import project from "../../deno.json" with { type: "json" };
import { checkArguments } from "./options/arguments.ts";
import { Client, type ClientOptions, type Credentials } from "../lib/connection/client.ts";
import type { Command, Context } from "./options/command.ts";
import { ALIASES } from "./options/aliases.ts";
import { allCommands, commandNames, findCommand } from "./commands.ts";
import { ConfigDirectory } from "../lib/connection/config.ts";
import { findCredentials } from "./options/credentials.ts";
import { destinationOf } from "./options/endpoint.ts";
import {
  type ClientError,
  ExitCode,
  Interrupted,
  localError,
  usageError,
} from "../lib/common/error.ts";
import { onInterrupt } from "./terminal/interrupt.ts";
import { localPath } from "../lib/local/local_path.ts";
import { COMMON_OPTIONS, parseCommandLine, type Values } from "./options/options.ts";
import { Output } from "./terminal/output.ts";
import { Progress } from "./terminal/progress.ts";
import { progressViews } from "./options/progress_views.ts";
import { withAdvice } from "./terminal/advice.ts";
import type { ClientLog, LogFormat } from "./terminal/client_log.ts";
import { printable, quoted } from "../../common/printable.ts";

/**
 * Runs a command line.
 *
 * @param args without the program's own name
 * @returns the exit code
 */
export async function main(args: string[]): Promise<number> {
  let output = new Output({ json: args.includes("--json"), quiet: false });
  try {
    if (args.length === 0) {
      printHelp(await helpText(["help"]));
      return ExitCode.usage;
    }
    const found = await namedCommand(args);
    if (found === undefined) return printHelp(await helpText(args));
    const { command, rest } = found;
    const specs = [...command.options, ...COMMON_OPTIONS];
    const { values, positionals } = parseCommandLine(rest, specs);
    if (values.flag("help")) {
      const { commandHelp } = await loadHelp();
      return printHelp(command.helpFor?.(positionals) ?? commandHelp(command));
    }
    checkArguments(command, positionals);
    const log = await logOf(values);
    output = new Output({ json: values.flag("json"), quiet: values.flag("quiet"), log });
    log?.write("info", `${command.name} ${shownWords(command, positionals)}`.trimEnd());
    await runCommand(command, values, positionals, output);
    output.deliver();
    return ExitCode.ok;
  } catch (error) {
    const known = asClientError(error);
    output.error(known);
    return known.exitCode;
  } finally {
    output.flush();
  }
}

/** The log that the options name; its code is loaded where there is one. */
async function logOf(values: Values): Promise<ClientLog | undefined> {
  const file = values.text("log-file");
  if (file === undefined) return undefined;
  const { ClientLog } = await import("./terminal/client_log.ts");
  return ClientLog.open(localPath(file), values.text("log-format") as LogFormat ?? "text");
}

/** The words of a command for the log: a request of `raw` may have a password in its data. */
function shownWords({ name }: Command, words: readonly string[]): string {
  return (name === "raw" ? words.slice(0, 1) : words).map(quoted).join(" ");
}

async function runCommand(
  command: Command,
  values: Values,
  args: string[],
  output: Output,
): Promise<void> {
  let client: Client | undefined;
  let progress: Progress | undefined;
  const config = ConfigDirectory.find();
  const { endpoint, login } = destinationOf(values, config);
  const interrupted = () => {
    progress?.end();
    output.error(new Interrupted(interruption(context)));
    output.flush();
  };
  const signal = command.interactive
    ? new AbortController().signal // it sees to Ctrl-C itself
    : onInterrupt(interrupted);
  const context: Context = {
    values,
    args,
    output,
    endpoint,
    login,
    config,
    commands: allCommands,
    signal,
    howToResume: undefined,
    get connecting() {
      return connecting(context);
    },
    async client(credentials?: Credentials) {
      if (client !== undefined) return client;
      credentials ??= await findCredentials(context, true);
      return client = await Client.connect({ ...context.connecting, credentials });
    },
    async progress() {
      return progress ??= new Progress(await progressViews(values, output));
    },
  };
  try {
    await command.run(context);
    await client?.close();
  } catch (error) {
    if (!signal.aborted) throw withAdvice(error, context.howToResume);
    throw new Interrupted(interruption(context));
  } finally {
    progress?.end();
  }
  if (!output.ended) output.event("done");
}

function interruption(context: Context): string {
  return context.howToResume === undefined ? "Interrupted" : `Interrupted. ${context.howToResume}`;
}

function connecting(context: Context): Omit<ClientOptions, "credentials"> {
  const { values, output, config } = context;
  const ca = values.text("ca");
  const retries = values.number("retries");
  const timeoutMs = values.number("timeout");
  const limitRate = values.number("limit-rate");
  return {
    server: context.endpoint.name,
    signal: context.signal,
    ...(ca !== undefined && { caFile: localPath(ca) }),
    ...(retries !== undefined && { retries }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(limitRate !== undefined && { limitRate }),
    chmod: values.chmod(),
    ...(config !== undefined && { config }),
    onRetry(error, attempt, pauseMs) {
      const message = printable(error.message);
      output.note(`${message}. Try ${attempt} follows in ${(pauseMs / 1000).toFixed(1)} s.`);
      output.event("retry", { attempt, pause_ms: pauseMs, message });
    },
  };
}

/** Finds the command in the arguments; options may precede it. */
async function namedCommand(
  args: string[],
): Promise<{ command: Command; rest: string[] } | undefined> {
  const valued = COMMON_OPTIONS.filter((spec) => spec.value !== undefined).map((spec) => spec.name);
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg.startsWith("-")) {
      if (valued.includes(arg.slice(2))) index++;
      continue;
    }
    if (arg === "help") return undefined;
    return { command: await commandCalled(arg), rest: args.toSpliced(index, 1) };
  }
  return undefined;
}

async function commandCalled(name: string): Promise<Command> {
  const command = await findCommand(name);
  if (command !== undefined) return command;
  const meant = suggestion(name, [...commandNames(), ...ALIASES.keys()]) ||
    await amongAdmin(name);
  throw usageError(
    `There is no command "${printable(name)}"${meant || `; ${clientCommand("help")} lists them`}`,
  );
}

/** The command of the administration that was meant, where the word begins one: `user`, `status`. */
async function amongAdmin(name: string): Promise<string> {
  const { ADMIN_WORDS } = await import("../../common/admin/words.ts");
  const isOne = Object.keys(ADMIN_WORDS).some((words) => `${words} `.startsWith(`${name} `));
  return isOne ? `; did you mean admin ${name}?` : "";
}

/** Loaded on demand, so that other commands start without it. */
function loadHelp() {
  return import("./options/help.ts");
}

/** Returns the text for `help`, `--help` and `--version`. */
async function helpText(args: string[]): Promise<string> {
  const name = args[args.indexOf("help") + 1];
  if (args.includes("help") && name !== undefined && !name.startsWith("-")) {
    const { commandHelp } = await loadHelp();
    return commandHelp(await commandCalled(name));
  }
  if (args.includes("help") || args.includes("--help") || args.includes("-h")) {
    const { overview } = await loadHelp();
    return overview(await allCommands());
  }
  if (args.includes("--version")) return `Towpath ${project.version}`;
  throw usageError(`A command is missing: ${clientCommand("help")} lists them`);
}

/** Prints text for people, with `--json` too. @returns the exit code */
function printHelp(text: string): number {
  const output = new Output({ json: false, quiet: false });
  output.result(text);
  output.deliver();
  return ExitCode.ok;
}

/** No stack trace ever reaches a user. */
function asClientError(error: unknown): ClientError {
  return localError(error, "The client failed unexpectedly");
}
