/** The lines of a control connection (RFC 959 section 5.3), without what telnet puts between. */

/** Longest command line, bytes: a path of 4,096 and what stands before it. */
const MOST_LINE_BYTES = 8192;

const LF = 10;
const CR = 13;
/** Telnet's "interpret as command" and the first command that takes an option (RFC 854). */
const IAC = 255;
const WILL = 251;
const FIRST_COMMAND = 240;

/** A command line, or why there is none. */
export type Line = { text: string } | { fault: string };

/** See the head of the module. */
export class LineBuffer {
  readonly #lines: Line[] = [];
  #bytes: number[] = [];
  #tooLong = false;
  #telnet: "none" | "command" | "option" = "none";

  /** Takes bytes as they came. */
  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#telnet === "option") {
        this.#telnet = "none";
      } else if (this.#telnet === "command") {
        this.#telnet = byte >= WILL && byte < IAC ? "option" : "none";
        // A client's urgent byte goes another way, so that its IAC can stand alone before ABOR.
        if (byte < FIRST_COMMAND) this.#add(byte);
      } else if (byte === IAC) {
        this.#telnet = "command";
      } else {
        this.#add(byte);
      }
    }
  }

  /** The next whole line; undefined where it has not come yet. */
  take(): Line | undefined {
    // ABOR is sent urgently, and its last byte can get lost on the way.
    if (this.#lines.length === 0 && isAbort(this.#bytes)) this.#end();
    return this.#lines.shift();
  }

  /** Whether anything came that was not taken yet. */
  get pending(): boolean {
    return this.#lines.length > 0 || this.#bytes.length > 0 || this.#telnet !== "none";
  }

  #add(byte: number): void {
    if (byte === LF) this.#end();
    else if (this.#bytes.length < MOST_LINE_BYTES) this.#bytes.push(byte);
    else this.#tooLong = true;
  }

  #end(): void {
    const bytes = this.#bytes;
    if (bytes.at(-1) === CR) bytes.pop();
    this.#bytes = [];
    if (this.#tooLong) this.#lines.push({ fault: "The command line is too long" });
    else if (bytes.length > 0) this.#lines.push(decode(bytes));
    this.#tooLong = false;
  }
}

function isAbort(bytes: number[]): boolean {
  return bytes.length === 5 && /^abor\r$/i.test(String.fromCharCode(...bytes));
}

function decode(bytes: number[]): Line {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(new Uint8Array(bytes)) };
  } catch {
    return { fault: "The command line is not valid UTF-8" };
  }
}
