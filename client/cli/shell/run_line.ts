import { clientCommand } from "../../../common/program_name.ts";
import type { Client, Credentials } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { checkArguments } from "../options/arguments.ts";
import { withAdvice } from "../terminal/advice.ts";
import { ClientError, Interrupted, usageError } from "../../lib/common/error.ts";
import type { Output } from "../terminal/output.ts";
import { commandHelp } from "../options/help.ts";
import { COMMON_OPTIONS, parseCommandLine } from "../options/options.ts";
import { Progress } from "../terminal/progress.ts";
import { progressViews } from "../options/progress_views.ts";
import { RateLimit } from "../../lib/common/rate_limit.ts";
import { here, operandAt, operandOf } from "./places.ts";

/** The shell, as a command line sees it. */
export interface LineHost {
  readonly context: Context;
  readonly output: Output;
  /** The remote directory, absolute. */
  readonly directory: string;
  remote(path: string): string;
  client(credentials?: Credentials): Promise<Client>;
}

/** Options of the connection, which the shell has already. */
const SETTLED = ["server", "profile", "host", "port", "ca", "log-file", "log-format"];

/** Runs one of the client's own commands in the shell: relative to its directories, in its login. */
export async function runCommandLine(
  shell: LineHost,
  command: Command,
  args: string[],
  signal: AbortSignal,
): Promise<void> {
  if (command.name === "shell") throw usageError("This is the shell already");
  const common = COMMON_OPTIONS.filter(({ name }) => !SETTLED.includes(name));
  const specs = [...command.options, ...common];
  const isPath = ({ name }: { name: string }) => operandOf(command.name, name) === "remote";
  const { values, positionals } = parseCommandLine(
    args,
    specs.map((spec) =>
      isPath(spec) ? { ...spec, parse: (text: string) => shell.remote(text) } : spec
    ),
  );
  if (values.flag("help")) return shell.output.result(commandHelp(command));
  checkArguments(command, positionals);
  const words = positionals.map((word, index) =>
    operandAt(command.name, index, args) === "remote" ? shell.remote(word) : word
  );
  const missing = here(command.name);
  if (missing === "word" && words.length === 0) words.push(shell.directory);
  if (missing === "to" && values.text("to") === undefined) {
    values.set("to", `${shell.directory.replace(/\/$/, "")}/`);
  }
  let progress: Progress | undefined;
  const rate = values.number("limit-rate");
  const context: Context = {
    ...shell.context,
    connecting: shell.context.connecting,
    values,
    args: words,
    output: shell.output,
    signal,
    howToResume: undefined,
    async client(credentials) {
      const client = await shell.client(credentials);
      client.signal = signal;
      client.rate = rate === undefined ? undefined : new RateLimit(rate);
      return client;
    },
    async progress() {
      return progress ??= new Progress(await progressViews(values, shell.output));
    },
  };
  try {
    await command.run(context);
  } catch (error) {
    // The shell's own commands have no program before them.
    const how = ["resume", "parts"].reduce<string | undefined>(
      (text, name) => text?.replaceAll(clientCommand(name), name),
      context.howToResume,
    );
    if (!signal.aborted || !(error instanceof ClientError)) throw withAdvice(error, how);
    throw new Interrupted(how === undefined ? "Interrupted" : `Interrupted. ${how}`);
  } finally {
    progress?.end();
  }
}
