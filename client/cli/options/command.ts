/** Definition of a command, and its environment. */
import type { Client, ClientOptions, Credentials } from "../../lib/connection/client.ts";
import type { ConfigDirectory } from "../../lib/connection/config.ts";
import type { Endpoint } from "../../lib/connection/endpoint.ts";
import type { LoginName } from "./logins.ts";
import type { OptionSpec, Values } from "./options.ts";
import type { Output } from "../terminal/output.ts";
import type { Progress } from "../terminal/progress.ts";

/** A row of the table of commands. */
export interface Command {
  name: string;
  /** One line. */
  summary: string;
  /** Arguments after the name, such as `[PATH]`. */
  usage: string;
  options: readonly OptionSpec[];
  /** Number of arguments without dashes. */
  arguments: { least: number; most?: number };
  /** Further paragraphs of its help. */
  details?: string;
  /** Command lines for its help, without the program's name. */
  examples?: readonly string[];
  /** Help of the part of it that the words after its name mean; undefined where they mean none. */
  helpFor?(words: readonly string[]): string | undefined;
  /** Sees to Ctrl-C by itself. */
  interactive?: boolean;
  run(context: Context): Promise<void>;
}

/** Environment of a command. */
export interface Context {
  values: Values;
  /** Arguments without dashes. */
  args: string[];
  output: Output;
  endpoint: Endpoint;
  /** The kept login that counts at the server. */
  login: LoginName;
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
  /** Hint for the user after an interruption. */
  howToResume: string | undefined;
}
