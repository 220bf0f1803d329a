/** The numbered menu: asks what to do, does it with the client's own commands, and asks again. */
import { canAsk } from "../../../common/secret_prompt.ts";
import { printable, quoted } from "../../../common/printable.ts";
import type { Client } from "../../lib/connection/client.ts";
import { ClientError, ExitCode, Interrupted, localError } from "../../lib/common/error.ts";
import type { Context } from "../options/command.ts";
import { askPassword, findCredentials } from "../options/credentials.ts";
import { runCommandLine } from "../shell/run_line.ts";
import { remoteFrom } from "../shell/places.ts";
import { Output } from "../terminal/output.ts";
import { Lines } from "./lines.ts";

/** One line of the menu. */
interface Choice {
  readonly name: string;
  readonly title: string;
  /** Asked where the line has the choice alone. @default nothing is asked */
  readonly question?: string;
  run(operand: string): Promise<void>;
}

/** How often a password is asked for. */
const LOGIN_TRIES = 3;

/** Advice after an error, by its exit code. */
const NEXT: Readonly<Record<number, string>> = {
  [ExitCode.usage]: "Choose again",
  [ExitCode.notFound]: "List the files (5) to see their names, and choose again",
  [ExitCode.denied]: "Choose another action, or ask the administrator of the server",
  [ExitCode.connection]: "Choose it again: the client connects anew, and goes on where it was",
  [ExitCode.conflict]: "Choose again, with another name",
  [ExitCode.space]: "Delete something (4), or ask the administrator of the server for more space",
};

/** State of the menu. */
export class Menu {
  /** The remote directory of relative names. */
  readonly directory = "/";
  output: Output;
  readonly #lines = new Lines();
  #running: AbortController | undefined;
  readonly #choices: readonly Choice[] = [
    {
      name: "upload",
      title: "Upload a file",
      question: "Local file: ",
      run: (file) => this.#command("upload", ["--", file]),
    },
    {
      name: "download",
      title: "Download a file",
      question: "Remote file: ",
      run: (file) => this.#download(file),
    },
    {
      name: "view",
      title: "View the beginning of a file",
      question: "Remote file: ",
      run: (file) => this.#command("view", ["--", file]),
    },
    {
      name: "delete",
      title: "Delete a file",
      question: "Remote file: ",
      run: (file) => this.#delete(file),
    },
    {
      name: "list",
      title: "List the files",
      run: (directory) => this.#command("list", ["-l", "--", directory || "/"]),
    },
    { name: "exit", title: "Exit", run: () => Promise.resolve() },
  ];

  constructor(readonly context: Context) {
    this.output = context.output;
  }

  /** Ctrl-C: stops what runs; whether something did. */
  interrupt(): boolean {
    this.#running?.abort();
    return this.#running !== undefined;
  }

  /** Shows the menu until the user leaves it, or the input ends. */
  async run(): Promise<void> {
    const client = await this.#logIn();
    if (client === undefined) return;
    const { username } = client.identity;
    this.output.note(printable(`Logged in as ${username} at ${this.context.endpoint.name}`));
    while (true) {
      this.#show();
      const line = await this.#lines.ask(`Choose 1 to ${this.#choices.length}: `);
      if (line === undefined) return;
      if (line === "") continue;
      const [, word = "", operand = ""] = /^(\S+)\s*([^]*)$/.exec(line) ?? [];
      const choice = this.#choiceOf(word);
      if (choice?.name === "exit") return;
      if (choice === undefined) {
        this.output.dialogue(
          printable(
            `There is no ${quoted(word)}. Type a number from 1 to ${this.#choices.length}.`,
          ),
        );
      } else if (!await this.#act(choice, operand)) return;
    }
  }

  #show(): void {
    this.output.dialogue("");
    this.#choices.forEach(({ title }, index) => this.output.dialogue(`  ${index + 1}) ${title}`));
  }

  #choiceOf(word: string): Choice | undefined {
    const name = word.toLowerCase().replace(/[).]$/, "");
    if (["q", "quit"].includes(name)) return this.#choices.at(-1);
    return this.#choices.find((choice, index) =>
      choice.name === name || String(index + 1) === name
    );
  }

  /** @returns false where the input has ended */
  async #act({ question, run }: Choice, operand: string): Promise<boolean> {
    if (operand === "" && question !== undefined) {
      const answer = await this.#lines.ask(question);
      if (answer === undefined) return false;
      if (answer === "") return true; // back to the menu
      operand = answer;
    }
    await this.#reported(() => run(unquoted(operand)));
    return true;
  }

  /** Reports an error with what to do next. */
  async #reported(work: () => Promise<void>): Promise<void> {
    const { json, quiet, log } = this.context.output;
    this.output = new Output({ json, quiet, log });
    try {
      await work();
      if (!this.output.ended) this.output.event("done");
    } catch (error) {
      const known = localError(error, "The action failed unexpectedly");
      this.output.error(known);
      const next = known instanceof Interrupted ? undefined : NEXT[known.exitCode];
      this.output.dialogue(`${next ?? "Choose another action"}.`);
    } finally {
      this.output.flush();
    }
  }

  async #command(name: string, args: string[]): Promise<void> {
    const command = (await this.context.commands()).find((one) => one.name === name)!;
    const controller = this.#running = new AbortController();
    try {
      await runCommandLine(this, command, args, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted || error instanceof Interrupted) throw error;
      throw new Interrupted();
    } finally {
      this.#running = undefined;
      this.output.flush();
    }
  }

  async #download(file: string): Promise<void> {
    const places = ["download-dir", "incomplete-dir"].flatMap((name) => {
      const value = this.context.values.text(name);
      return value === undefined ? [] : [`--${name}`, value];
    });
    try {
      await this.#command("download", [...places, "--", file]);
    } catch (error) {
      if (!(error instanceof ClientError) || error.exitCode !== ExitCode.conflict) throw error;
      if (error.filename === undefined) throw error;
      if (!await this.#isSure(`${quoted(error.filename)} exists. Replace it?`)) throw error;
      await this.#command("download", [...places, "--overwrite", "--", file]);
    }
  }

  async #delete(file: string): Promise<void> {
    if (!await this.#isSure(`Delete ${quoted(file)}?`)) {
      return this.output.note("Nothing was deleted.");
    }
    await this.#command("rm", ["--", file]);
    this.output.result(printable(`${file} is deleted`));
  }

  async #isSure(question: string): Promise<boolean> {
    return /^y(es)?$/i.test(await this.#lines.ask(`${question} (y/n) `) ?? "");
  }

  remote(path: string): string {
    return remoteFrom(this.directory, path);
  }

  client(): Promise<Client> {
    return this.context.client();
  }

  /**
   * Logs in with what there is; else asks, on a terminal or by lines of a pipe.
   *
   * @returns undefined where the input has ended
   */
  async #logIn(): Promise<Client | undefined> {
    const { context } = this;
    try {
      return await context.client(await findCredentials(context, true));
    } catch (error) {
      if (!isLogin(error) || (error.status === undefined && canAsk())) throw error;
      if (error.status !== undefined) this.output.error(error);
    }
    for (let tries = 1;; tries++) {
      const username = context.values.text("user") ?? await this.#lines.ask("User name: ");
      if (username === undefined) return undefined;
      const password = canAsk()
        ? await askPassword("Password: ")
        : await this.#lines.askWhole("Password: ");
      if (password === undefined) return undefined;
      try {
        return await context.client({ username, password });
      } catch (error) {
        if (!isLogin(error) || tries === LOGIN_TRIES) throw error;
        this.output.error(error);
      }
    }
  }
}

function isLogin(error: unknown): error is ClientError {
  return error instanceof ClientError && error.exitCode === ExitCode.login;
}

/** A name as it is pasted from a shell: quotation marks around it are none of its own. */
function unquoted(text: string): string {
  return /^(["'])(.+)\1$/.exec(text)?.[2] ?? text;
}
