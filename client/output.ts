/** What the client prints: results on stdout, everything else on stderr. */
import type { ClientError } from "./error.ts";
import { writeWhole } from "./part_file.ts";
import { jsonLine, printable } from "./text.ts";

const encoder = new TextEncoder();
const GATHERED_CHARACTERS = 16 * 1024;
const LONGEST_GATHER_MS = 200;

/** Lines for people, or one JSON object per line. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Prints lines above the progress bars, while there are any. */
  above: ((text: string) => void) | undefined;
  #gathered: string[] = [];
  #characters = 0;
  #since = 0;
  #last: string | undefined;

  constructor(options: { json: boolean; quiet: boolean }) {
    this.json = options.json;
    this.quiet = options.quiet;
  }

  /** A line of the result, for people; its parts must be harmless already. */
  result(line: string): void {
    if (!this.json) this.#stdout(`${line}\n`);
  }

  /** An event, in JSON. */
  event(event: "start" | "progress" | "retry" | "done" | "error", data: object = {}): void {
    if (!this.json) return;
    this.#last = event;
    // A reply of the server may be among the data: it cannot change what event this is.
    this.#stdout(`${jsonLine({ ...{ event }, ...data, event })}\n`);
    if (event !== "done") this.flush();
  }

  /** Whether the last line of JSON ends a command as it should. */
  get ended(): boolean {
    return this.#last === "done" || this.#last === "error";
  }

  /** Something worth knowing, for people. */
  note(line: string): void {
    if (!this.quiet) this.#stderr(line);
  }

  /** An error: a sentence on stderr, and its event. */
  error(error: ClientError): void {
    const message = printable(error.message);
    this.#stderr(`${message}${/[.?!]$/.test(message) ? "" : "."}`);
    this.event("error", {
      code: error.exitCode,
      status: error.status ?? null,
      message,
      filename: error.filename ?? null,
    });
  }

  /** Writes out what was gathered. */
  flush(): void {
    if (this.#gathered.length === 0) return;
    const text = this.#gathered.join("");
    this.#gathered = [];
    this.#characters = 0;
    this.#print(Deno.stdout, text);
  }

  #stdout(line: string): void {
    const now = performance.now();
    if (this.#gathered.length === 0) this.#since = now;
    this.#gathered.push(line);
    this.#characters += line.length;
    if (this.#characters > GATHERED_CHARACTERS || now - this.#since > LONGEST_GATHER_MS) {
      this.flush();
    }
  }

  #stderr(line: string): void {
    this.flush();
    this.#print(Deno.stderr, `${line}\n`);
  }

  #print(to: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
    if (this.above !== undefined && to.isTerminal()) return this.above(text);
    try {
      writeWhole(to, encoder.encode(text));
    } catch {
      // The reader is gone; there is nobody to tell.
    }
  }
}
