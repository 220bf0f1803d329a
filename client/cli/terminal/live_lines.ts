/** Lines at the bottom of a terminal that change in place. */
import { writeOutput } from "../../lib/common/pipe.ts";
import { columnsOf } from "../../../common/columns.ts";

const encoder = new TextEncoder();
/** Clears the rest of the line. */
const CLEAR_RIGHT = "\x1b[K";
/** Clears everything from the cursor on. */
const CLEAR_BELOW = "\x1b[J";

/** Width of the terminal in columns; 80 where it is not known. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}

/**
 * Lines on the terminal behind stderr. Each change is one write, so that no other output comes
 * between its parts, and lines printed above them are never cut.
 */
export class LiveLines {
  #lines: string[] = [];
  readonly #write: (text: string) => void;
  readonly #columns: () => number;

  /**
   * @param write prints text @default to stderr
   * @param columns width of the terminal @default the real one's
   */
  constructor(write = writeTerminal, columns = terminalColumns) {
    this.#write = write;
    this.#columns = columns;
  }

  /** Shows these lines in place of the earlier ones; each must fit into the terminal. */
  show(lines: string[]): void {
    const text = lines.map((line) => `${line}${CLEAR_RIGHT}\n`).join("");
    this.#write(`${this.#toFirst()}${text}${CLEAR_BELOW}`);
    this.#lines = lines;
  }

  /** Prints whole lines of text, which scroll up, above the changing ones. */
  above(text: string): void {
    const whole = text.endsWith("\n") ? text : `${text}\n`;
    const lines = this.#lines.map((line) => `${line}\n`).join("");
    this.#write(`${this.#toFirst()}${CLEAR_BELOW}${whole}${lines}`);
  }

  /** Moves to the first of the lines; those that the terminal wrapped, as it was made narrower, are two. */
  #toFirst(): string {
    const columns = this.#columns();
    const rows = this.#lines
      .reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0);
    return rows === 0 ? "" : `\x1b[${rows}A\r`;
  }
}

function writeTerminal(text: string): void {
  try {
    writeOutput(Deno.stderr, encoder.encode(text));
  } catch {
    // The terminal is closed; the transfers continue.
  }
}
