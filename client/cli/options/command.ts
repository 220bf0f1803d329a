/** What a command of the command line is, and what it works with. */
import type { Client, ClientOptions, Credentials } from "../../lib/connection/client.ts";
import type { ConfigDirectory } from "../../lib/connection/config.ts";
import type { Endpoint } from "../../lib/connection/endpoint.ts";
import type { OptionSpec, Values } from "./options.ts";
import type { Output } from "../terminal/output.ts";
import type { Progress } from "../terminal/progress.ts";

/** A row of the table of commands. */
export interface Command {
  name: string;
  /** One line. */
  summary: string;
  /** What follows the name, such as `[PATH]`. */
  usage: string;
  options: readonly OptionSpec[];
  /** How many arguments without dashes it takes. */
  arguments: { least: number; most?: number };
  /** Further paragraphs of its help. */
  details?: string;
  /** Command lines for its help, without the program's name. */
  examples?: readonly string[];
  /** Sees to Ctrl-C by itself. */
  interactive?: boolean;
  run(context: Context): Promise<void>;
}

/** What a command works with. */
export interface Context {
  values: Values;
  /** Arguments without dashes. */
  args: string[];
  output: Output;
  endpoint: Endpoint;
  config: ConfigDirectory | undefined;
  /** Every command, in the order of the help. */
  commands(): Promise<readonly Command[]>;
  signal: AbortSignal;
  /** How to connect, but for the login. */
  connecting: Omit<ClientOptions, "credentials">;
  /** Connects and logs in, the first time. */
  client(credentials?: Credentials): Promise<Client>;
  /** Begins to show progress, the first time. */
  progress(): Promise<Progress>;
  /** Told to the user after an interruption. */
  howToResume: string | undefined;
}
