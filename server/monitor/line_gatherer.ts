/**
 * Gathers the lines of a log in a worker and hands them on together, so that nothing waits for
 * them. The main thread writes them (logging.ts).
 */

/** Maximum time and characters for which lines are gathered. */
const GATHER_MS = 100;
const GATHER_CHARACTERS = 64 * 1024;

/** Buffer of log lines that is posted to the main thread as one message. */
export class LineGatherer {
  #lines = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param post takes whole lines */
  constructor(private readonly post: (lines: string) => void) {}

  /** Takes a whole line, its end included. */
  add(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= GATHER_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Writes the gathered lines. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === "") return;
    this.post(this.#lines);
    this.#lines = "";
  }
}
