/** Output of the client: results on stdout, everything else on stderr. */
import { type ClientError, localError } from "../../lib/common/error.ts";
import type { ClientLog } from "./client_log.ts";
import { writeOutput } from "../../lib/common/pipe.ts";
import { jsonLine, printable } from "../../../common/printable.ts";

const encoder = new TextEncoder();
const GATHERED_CHARACTERS = 16 * 1024;
const LONGEST_GATHER_MS = 200;

/** Sentences of events in the log. */
const SENTENCES = { start: "Begun", retry: "Trying again", done: "Done" } as const;

/** Lines for people, or one JSON object per line. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly log: ClientLog | undefined;
  /** Prints lines above the progress bars, while there are any. */
  above: ((text: string) => void) | undefined;
  #gathered: string[] = [];
  #characters = 0;
  #since = 0;
  #last: string | undefined;
  #failure: ClientError | undefined;

  constructor(options: { json: boolean; quiet: boolean; log?: ClientLog | undefined }) {
    this.json = options.json;
    this.quiet = options.quiet;
    this.log = options.log;
  }

  /** A line of the result, for people; its parts must be harmless already. */
  result(line: string): void {
    if (!this.json) this.#stdout(`${line}\n`);
  }

  /** An event, in JSON. */
  event(event: "start" | "progress" | "retry" | "done" | "error", data: object = {}): void {
    if (event !== "error" && event !== "progress") {
      this.log?.write(event === "retry" ? "warning" : "info", SENTENCES[event], data);
    }
    this.#last = event;
    if (!this.json) return;
    // A reply of the server may be among the data: it cannot change what event this is.
    this.#stdout(`${jsonLine({ ...{ event }, ...data, event })}\n`);
    if (event !== "done") this.flush();
  }

  /** Whether the last event ends a command as it should. */
  get ended(): boolean {
    return this.#last === "done" || this.#last === "error";
  }

  /** Why results could not be printed; undefined while all of them could. */
  get failure(): ClientError | undefined {
    return this.#failure;
  }

  /**
   * Prints all results that are gathered.
   *
   * @throws {ClientError} where any result could not be printed
   */
  deliver(): void {
    this.flush();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Prints raw bytes of a result. */
  raw(bytes: Uint8Array): void {
    this.flush();
    this.#printResult(bytes);
  }

  /** Something worth knowing, for people. */
  note(line: string): void {
    this.log?.write("info", line);
    if (!this.quiet) this.#stderr(line);
  }

  /** A line of a dialogue, for people; the log has what comes of it. */
  dialogue(line: string): void {
    if (!this.quiet) this.#stderr(line);
  }

  /** An error: a sentence on stderr, and its event. */
  error(error: ClientError): void {
    const message = printable(error.message);
    const { exitCode: code, status, filename } = error;
    this.log?.write("error", message, { code, status, filename });
    this.#stderr(`${message}${/[.?!]$/.test(message) ? "" : "."}`);
    this.event("error", {
      code: error.exitCode,
      status: error.status ?? null,
      message,
      filename: error.filename ?? null,
    });
  }

  /** Writes the gathered output. */
  flush(): void {
    if (this.#gathered.length === 0) return;
    const text = this.#gathered.join("");
    this.#gathered = [];
    this.#characters = 0;
    if (this.above !== undefined && Deno.stdout.isTerminal()) return this.above(text);
    this.#printResult(encoder.encode(text));
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
    const text = `${line}\n`;
    if (this.above !== undefined && Deno.stderr.isTerminal()) return this.above(text);
    try {
      writeOutput(Deno.stderr, encoder.encode(text));
    } catch {
      // There is no other place to report it; the exit code still says what happened.
    }
  }

  /** A failure does not stop running transfers: the command reports it at its end. */
  #printResult(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      writeOutput(Deno.stdout, bytes);
    } catch (error) {
      this.#failure = localError(error, "Cannot print the results to standard output");
    }
  }
}
