/**
 * Lines typed at a terminal, read by `node:readline` with the history of the shell. (The interface
 * of `node:readline/promises` fails in Deno 2.9.6 where a completion replaces text: it calls
 * `_refreshLine`, which only this one has.)
 */
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { printable } from "../../../common/printable.ts";
import { type History, MAX_LINES } from "./history.ts";

/** Continuations of the text before the cursor, and the end of that text that they replace. */
export type Completion = [candidates: string[], replaced: string];

/** End of a line: Enter, Ctrl-C or Ctrl-D. */
export type Line = { text: string } | "interrupted" | "end";

/** Reads lines from the terminal behind stdin and draws on stderr, which is no pipe. */
export class LineReader {
  /** Lines that were pasted together with the one before, and how the input ended. */
  readonly #arrived: Line[] = [];
  #wake = Promise.withResolvers<void>();
  #interface: Interface | undefined;

  constructor(
    readonly history: History,
    readonly complete: (before: string) => Promise<Completion>,
  ) {}

  /**
   * Reads one line. The terminal is in its usual mode before and after, so that Ctrl-C is a signal
   * for the running command, and other readers of stdin get the input.
   */
  async read(prompt: string): Promise<Line> {
    if (this.#arrived.length === 0) {
      const lines = this.#interface ??= this.#open();
      process.stdin.setRawMode(true);
      lines.setPrompt(printable(prompt));
      lines.prompt(true); // input typed before the prompt is kept
      while (this.#arrived.length === 0) {
        this.#wake = Promise.withResolvers();
        await this.#wake.promise;
      }
      this.#interface?.pause();
      process.stdin.setRawMode(false);
    }
    const line = this.#arrived.shift()!;
    if (line === "interrupted") this.close(); // with the line that was begun
    return line;
  }

  /** Gives the terminal back. */
  close(): void {
    const lines = this.#interface;
    this.#interface = undefined;
    lines?.close();
  }

  #open(): Interface {
    const lines = createInterface({
      input: process.stdin,
      output: process.stderr,
      terminal: true,
      completer: (before: string, done: (error: null, completion: Completion) => void) => {
        this.complete(before).then((found) => done(null, found), () => done(null, [[], before]));
      },
      history: this.history.lines.toReversed(),
      historySize: MAX_LINES,
    });
    lines.on("line", (text) => this.#take({ text }));
    lines.on("SIGINT", () => {
      process.stderr.write("^C\r\n");
      this.#take("interrupted");
    });
    lines.on("close", () => {
      if (this.#interface !== lines) return;
      this.#interface = undefined;
      this.#take("end");
    });
    lines.on("SIGTSTP", () => {}); // stopping the process would need --allow-run
    lines.on("history", (newestFirst) => {
      this.history.add(newestFirst[0]!);
      newestFirst.splice(0, newestFirst.length, ...this.history.lines.toReversed());
    });
    return lines;
  }

  #take(line: Line): void {
    this.#arrived.push(line);
    this.#wake.resolve();
  }
}
