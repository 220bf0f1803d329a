/** The interactive client: one login, a remote and a local directory, a command in each line. */
import { Client, type Credentials } from "../../lib/connection/client.ts";
import type { Command, Context } from "../options/command.ts";
import { askPassword } from "../options/credentials.ts";
import {
  ExitCode,
  Interrupted,
  localError,
  replyError,
  usageError,
} from "../../lib/common/error.ts";
import { commandHelp } from "../options/help.ts";
import { localPath, standIn, userDirectory } from "../../lib/local/local_path.ts";
import { Output } from "../terminal/output.ts";
import { tableLines } from "../../../common/table.ts";
import { showMembers } from "../terminal/show.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { type LineHost, runCommandLine } from "./run_line.ts";
import { remoteFrom } from "./places.ts";
import { checkVerb, findVerb, VERBS, type VerbTarget } from "./verbs.ts";
import { lineWords } from "./words.ts";

/** How long a command may hang after Ctrl-C before the shell continues without it. */
const GRACE_MS = 4000;

/** State of the interactive client. */
export class Shell implements LineHost, VerbTarget {
  /** Whether QUIT was typed. */
  left = false;
  /** Exit code of the last command that failed, or 0. */
  exitCode: number = ExitCode.ok;
  directory = "/";
  output: Output;
  #client: Client | undefined;
  #running: AbortController | undefined;
  #renaming: string | undefined;
  #user: string | undefined;

  constructor(readonly context: Context, readonly commands: readonly Command[]) {
    this.output = context.output;
  }

  /** Logs in with what there is. */
  async begin(): Promise<void> {
    this.#client = await this.context.client();
  }

  /** Text before the input line. */
  get prompt(): string {
    const user = this.#client?.identity.username ?? "-";
    return `${user}@${this.context.endpoint.name}:${this.directory}> `;
  }

  /** Ctrl-C: stops the command that runs; whether there was one. */
  interrupt(): boolean {
    this.#running?.abort();
    return this.#running !== undefined;
  }

  /** Runs a line; an error is reported, and the shell continues. */
  async run(line: string): Promise<void> {
    const { json, quiet, log } = this.context.output;
    this.output = new Output({ json, quiet, log });
    const controller = this.#running = new AbortController();
    const { signal } = controller;
    try {
      await Promise.race([this.#runWords(lineWords(line), signal), stuck(signal)]);
      if (!this.output.ended) this.output.event("done");
    } catch (error) {
      const known = signal.aborted && !(error instanceof Interrupted)
        ? new Interrupted()
        : localError(error, "The command failed unexpectedly");
      this.output.error(known);
      this.exitCode = known.exitCode;
    } finally {
      this.#running = undefined;
      this.output.flush();
    }
  }

  async #runWords(words: string[], signal: AbortSignal): Promise<void> {
    const [name, ...args] = words;
    if (name === undefined || name.startsWith("#")) return;
    if (this.#client !== undefined) this.#client.signal = signal;
    const own = this.commands.find((command) => command.name === name);
    if (own !== undefined) return await runCommandLine(this, own, args, signal);
    const verb = findVerb(name);
    if (verb === undefined) throw usageError(`There is no command ${quoted(name)}: see HELP`);
    checkVerb(verb, args);
    if (verb.run !== undefined) return await verb.run(this, args);
    const [command, ...rest] = verb.command!(args);
    const row = this.commands.find((one) => one.name === command)!;
    await runCommandLine(this, row, rest, signal);
  }

  /** Returns the logged-in client; with credentials, logs in as another account from now on. */
  async client(credentials?: Credentials): Promise<Client> {
    if (this.#client !== undefined && credentials === undefined) return this.#client;
    if (credentials === undefined) return this.#client = await this.context.client();
    const before = this.#client;
    this.#client = await Client.connect({ ...this.context.connecting, credentials });
    this.directory = "/";
    await before?.close();
    return this.#client;
  }

  /** A remote path as seen from the current directory. */
  remote(path: string): string {
    return remoteFrom(this.directory, path);
  }

  /** Sends a request and prints the reply's data. */
  async ask(command: string, data: Record<string, unknown>): Promise<void> {
    const client = await this.client();
    const reply = await client.ask(command, data, { slow: true });
    if (reply.code >= 400) throw replyError(reply, `The server refused ${command}`);
    this.output.event("done", { reply });
    const lines = showMembers(reply.data);
    const message = reply.data.message;
    if (lines.length === 0) lines.push(typeof message === "string" ? printable(message) : "OK");
    for (const line of lines) this.output.result(line);
  }

  async user(name: string): Promise<void> {
    this.#user = name;
    if (!Deno.stdin.isTerminal()) return; // PASS follows
    const server = this.context.endpoint.name;
    await this.password(await askPassword(`Password of ${name} at ${server}: `));
  }

  async password(password: string): Promise<void> {
    if (this.#user === undefined) throw usageError("Say first who you are: USER NAME");
    const client = await this.client({ username: this.#user, password });
    this.#user = undefined;
    const { username, permissions } = client.identity;
    this.output.result(printable(`Logged in as ${username}, letters ${permissions || "none"}`));
  }

  showPlace(): void {
    this.output.event("done", { path: this.directory });
    this.output.result(printable(this.directory));
  }

  async changeRemote(path: string): Promise<void> {
    const client = await this.client();
    const action = `Cannot change to ${quoted(path)}`;
    const data = await client.request("CWD", { path: this.remote(path) }, action);
    this.directory = typeof data.path === "string" ? data.path : this.remote(path);
    this.showPlace();
  }

  changeLocal(path: string | undefined): void {
    if (path !== undefined) {
      const absolute = localPath(path);
      try {
        if (!Deno.statSync(absolute).isDirectory) throw usageError(`${quoted(path)} is a file`);
      } catch (error) {
        throw localError(error, `Cannot change to ${quoted(path)}`, path);
      }
      standIn(absolute);
    }
    this.output.event("done", { path: userDirectory() });
    this.output.result(printable(userDirectory()));
  }

  async renameFrom(path: string): Promise<void> {
    const client = await this.client();
    const filename = this.remote(path);
    await client.request("STAT", { filename }, `Cannot rename ${quoted(path)}`, { filename });
    this.#renaming = filename;
    this.output.note("Now say RNTO and the new name.");
  }

  async renameTo(path: string): Promise<void> {
    const from = this.#renaming;
    if (from === undefined) throw usageError("Name the path to rename first: RNFR PATH");
    this.#renaming = undefined;
    const client = await this.client();
    await client.request(
      "RENAME",
      { from, to: this.remote(path) },
      `Cannot rename ${quoted(from)}`,
    );
  }

  help(name: string | undefined): void {
    const command = this.commands.find((one) => one.name === name);
    if (command !== undefined) return this.output.result(commandHelp(command));
    const verbs = name === undefined ? VERBS : [findVerb(name)];
    this.#list(verbs.map((verb) => {
      if (verb === undefined) throw usageError(`There is no command ${quoted(name!)}: see HELP`);
      return [`${verb.name} ${verb.usage}`, verb.summary];
    }));
    if (name !== undefined) return;
    this.output.result("And the client's own, explained by HELP and their name:");
    this.#list(this.commands.map((one) => [one.name, one.summary]));
  }

  #list(rows: string[][]): void {
    for (const line of tableLines(rows, { indent: "  " })) this.output.result(line);
  }

  leave(): void {
    this.left = true;
  }

  /** Says good-bye to the server. */
  async end(): Promise<void> {
    await this.#client?.close();
  }
}

function stuck(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      Deno.unrefTimer(setTimeout(() => reject(new Interrupted()), GRACE_MS));
    });
  });
  promise.catch(() => {});
  return promise;
}
