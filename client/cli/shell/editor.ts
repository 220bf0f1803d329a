/** Line editing on a terminal: history, completion, and the keys that people expect. */
import { printable } from "../../../common/printable.ts";

const encoder = new TextEncoder();
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u;
const NARROWLESS = /\p{Mn}|\u200d|\ufe0f/u;

/** Keys that come under several names. */
const KEYS: Record<string, string> = {
  "\x1b[A": "up",
  "\x10": "up",
  "\x1b[B": "down",
  "\x0e": "down",
  "\x1b[D": "left",
  "\x02": "left",
  "\x1b[C": "right",
  "\x06": "right",
  "\x1b[H": "home",
  "\x1b[1~": "home",
  "\x01": "home",
  "\x1b[F": "end",
  "\x1b[4~": "end",
  "\x05": "end",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x1b[3~": "delete",
  "\x04": "delete",
};

/** How a line may go on at the cursor. */
export interface Completion {
  /** Where in the text before the cursor what is replaced begins. */
  begins: number;
  /** What may stand there. */
  candidates: string[];
  /** The candidates as they are listed. */
  shown: string[];
}

/** What ended a line: Enter, Ctrl-C or Ctrl-D. */
export type Line = { text: string } | "interrupted" | "end";

/** Reads lines from the terminal behind stdin, drawing on stderr. */
export class LineEditor {
  readonly #decoder = new TextDecoder();
  /** What was typed ahead. */
  #pending = "";
  #before = "";
  #after = "";
  #prompt = "";

  constructor(
    readonly history: readonly string[],
    readonly complete: (before: string) => Promise<Completion>,
  ) {}

  /** Reads one line; the terminal is in its usual mode before and after. */
  async read(prompt: string): Promise<Line> {
    [this.#before, this.#after, this.#prompt] = ["", "", printable(prompt)];
    let position = this.history.length;
    let typed = "";
    const go = (to: number) => {
      if (to < 0 || to > this.history.length) return;
      if (position === this.history.length) typed = this.#before + this.#after;
      position = to;
      this.#before = position === this.history.length ? typed : this.history[position]!;
      this.#after = "";
    };
    Deno.stdin.setRaw(true);
    try {
      this.#draw();
      for (;;) {
        const key = await this.#key();
        if (key === undefined) return "end";
        if (key === "\r" || key === "\n") return this.#leave({ text: this.#before + this.#after });
        if (key === "\x03") return this.#leave("interrupted", "^C");
        if (key === "delete" && this.#before + this.#after === "") return this.#leave("end");
        if (key === "\t") await this.#completeHere();
        else if (key === "up") go(position - 1);
        else if (key === "down") go(position + 1);
        else this.#edit(key);
        this.#draw();
      }
    } finally {
      Deno.stdin.setRaw(false);
    }
  }

  #edit(key: string): void {
    const left = [...this.#before];
    const right = [...this.#after];
    if (key === "left") right.unshift(...left.splice(-1));
    else if (key === "right") left.push(...right.splice(0, 1));
    else if (key === "home") right.unshift(...left.splice(0));
    else if (key === "end") left.push(...right.splice(0));
    else if (key === "backspace") left.pop();
    else if (key === "delete") right.shift();
    else if (key === "\x15") left.length = 0;
    else if (key === "\x0b") right.length = 0;
    else if (key === "\x17") left.splice(this.#before.replace(/\S*\s*$/, "").length);
    else if (key === "\x0c") this.#print("\x1b[H\x1b[2J");
    else if (printable(key) === key && [...key].length === 1) left.push(key);
    [this.#before, this.#after] = [left.join(""), right.join("")];
  }

  async #completeHere(): Promise<void> {
    const { begins, candidates, shown } = await this.complete(this.#before);
    const common = commonStart(candidates);
    const there = this.#before.slice(begins);
    if (candidates.length === 1 || common.length > there.length) {
      this.#before = this.#before.slice(0, begins) + common;
    } else if (shown.length > 1) {
      this.#print(`\r\n${columns(shown.map(printable)).join("\r\n")}\r\n`);
    }
  }

  /** A character, a control character or an escape sequence; undefined at the end of the input. */
  async #key(): Promise<string | undefined> {
    const buffer = new Uint8Array(1024);
    for (;;) {
      // deno-lint-ignore no-control-regex
      const match = /^(\x1b([[O][0-9;]*[A-Za-z~]|[^[O])|[^\x1b])/u.exec(this.#pending);
      if (match !== null) {
        this.#pending = this.#pending.slice(match[0].length);
        return KEYS[match[0].replace("\x1bO", "\x1b[")] ?? match[0];
      }
      const count = await Deno.stdin.read(buffer);
      if (count === null) return undefined;
      this.#pending += this.#decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  }

  #draw(): void {
    const room = Math.max(10, terminalColumns() - width(this.#prompt) - 1);
    // A line longer than the terminal scrolls sideways, so that the cursor stays in sight.
    let before = [...this.#before];
    while (width(before.join("")) > room) before = before.slice(1);
    let after = [...this.#after];
    while (width(before.join("") + after.join("")) > room) after = after.slice(0, -1);
    const back = width(after.join(""));
    this.#print(
      `\r\x1b[K${this.#prompt}${before.join("")}${after.join("")}${
        back > 0 ? `\x1b[${back}D` : ""
      }`,
    );
  }

  #leave(line: Line, mark = ""): Line {
    this.#print(`${mark}\r\n`);
    return line;
  }

  #print(text: string): void {
    Deno.stderr.writeSync(encoder.encode(text));
  }
}

function commonStart(texts: string[]): string {
  let common = texts[0] ?? "";
  for (const text of texts) {
    while (!text.startsWith(common)) common = common.slice(0, -1);
  }
  return common;
}

/** How many columns a text takes. */
function width(text: string): number {
  let sum = 0;
  for (const character of text) {
    sum += WIDE.test(character) ? 2 : NARROWLESS.test(character) ? 0 : 1;
  }
  return sum;
}

function columns(texts: string[]): string[] {
  const wide = Math.max(...texts.map(width)) + 2;
  const perRow = Math.max(1, Math.floor(terminalColumns() / wide));
  const rows: string[] = [];
  for (let index = 0; index < texts.length; index += perRow) {
    rows.push(
      texts.slice(index, index + perRow)
        .map((text) => text + " ".repeat(wide - width(text))).join("").trimEnd(),
    );
  }
  return rows;
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
