/** Lines of standard input, typed or from a pipe. */
import { printable } from "../../../common/printable.ts";
import { writeOutput } from "../../lib/common/pipe.ts";

const encoder = new TextEncoder();

/** Asks for lines, one after another, on standard error. */
export class Lines {
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(16 * 1024);
  #rest = "";
  #ended = false;

  /**
   * Prompts for a line.
   *
   * @returns without the white space around it; undefined at the end of the input
   */
  async ask(question: string): Promise<string | undefined> {
    return (await this.askWhole(question))?.trim();
  }

  /** Prompts for a line whose white space counts, as that of a password. */
  async askWhole(question: string): Promise<string | undefined> {
    this.show(question);
    let end: number;
    while ((end = this.#rest.indexOf("\n")) < 0 && !this.#ended) {
      const count = await Deno.stdin.read(this.#buffer);
      this.#ended = count === null;
      this.#rest += count === null
        ? this.#decoder.decode()
        : this.#decoder.decode(this.#buffer.subarray(0, count), { stream: true });
    }
    if (end < 0 && this.#rest === "") {
      this.show("\n");
      return undefined;
    }
    const line = end < 0 ? this.#rest : this.#rest.slice(0, end);
    this.#rest = end < 0 ? "" : this.#rest.slice(end + 1);
    if (!Deno.stdin.isTerminal()) this.show("\n"); // no Enter was shown
    return line.replace(/\r$/, "");
  }

  /** Shows text at once. */
  show(text: string): void {
    try {
      writeOutput(Deno.stderr, encoder.encode(text === "\n" ? text : printable(text)));
    } catch {
      // The results still go to standard output.
    }
  }
}
