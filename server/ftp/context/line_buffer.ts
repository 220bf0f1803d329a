/** The lines of a control connection (RFC 959 section 5.3), without what telnet puts between. */
import { concat } from "@std/bytes";

/** Maximum length of a command line, bytes: a path of 4,096 and the command before it. */
const MAX_LINE_BYTES = 8192;

const LF = 10;
const CR = 13;
/** Telnet's "interpret as command" and the first command that takes an option (RFC 854). */
const IAC = 255;
const WILL = 251;
const FIRST_COMMAND = 240;

/** A command line, or why there is none. */
export type Line = { text: string } | { fault: string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Splits the bytes of a control connection into command lines. */
export class LineBuffer {
  readonly #lines: Line[] = [];
  /** The line that has not ended yet. */
  #begun = new Uint8Array(0);
  #tooLong = false;
  #telnet: "none" | "command" | "option" = "none";

  /** Takes bytes as they came. */
  push(bytes: Uint8Array): void {
    let left = this.#withoutTelnet(bytes);
    for (let end = left.indexOf(LF); end >= 0; end = left.indexOf(LF)) {
      this.#end(left.subarray(0, end));
      left = left.subarray(end + 1);
    }
    // A copy, also of a Buffer, whose own `slice` is none.
    if (left.length > 0) this.#begun = new Uint8Array(this.#joined(left));
  }

  /** The next whole line; undefined where it has not come yet. */
  take(): Line | undefined {
    // ABOR is sent urgently, and its last byte can get lost on the way.
    if (this.#lines.length === 0 && isAbort(this.#begun)) this.#end(new Uint8Array(0));
    return this.#lines.shift();
  }

  /** Whether anything came that was not taken yet. */
  get pending(): boolean {
    return this.#lines.length > 0 || this.#begun.length > 0 || this.#tooLong ||
      this.#telnet !== "none";
  }

  #withoutTelnet(bytes: Uint8Array): Uint8Array {
    if (this.#telnet === "none" && !bytes.includes(IAC)) return bytes;
    return bytes.filter((byte) => {
      if (this.#telnet === "option") {
        this.#telnet = "none";
        return false;
      }
      if (this.#telnet === "command") {
        this.#telnet = byte >= WILL && byte < IAC ? "option" : "none";
        // The client's urgent byte travels separately, so its IAC may come alone before ABOR.
        return byte < FIRST_COMMAND;
      }
      if (byte === IAC) this.#telnet = "command";
      return byte !== IAC;
    });
  }

  /** Joins the begun line with its next bytes, up to the maximum. */
  #joined(bytes: Uint8Array): Uint8Array {
    const begun = this.#begun;
    const length = begun.length + bytes.length;
    if (length > MAX_LINE_BYTES) {
      this.#tooLong = true;
      return begun;
    }
    return begun.length === 0 ? bytes : concat([begun, bytes]);
  }

  #end(bytes: Uint8Array): void {
    const line = this.#joined(bytes);
    const text = line.at(-1) === CR ? line.subarray(0, -1) : line;
    if (this.#tooLong) this.#lines.push({ fault: "The command line is too long" });
    else if (text.length > 0) this.#lines.push(decode(text));
    this.#begun = new Uint8Array(0);
    this.#tooLong = false;
  }
}

function isAbort(bytes: Uint8Array): boolean {
  return bytes.length === 5 && /^abor\r$/i.test(String.fromCharCode(...bytes));
}

function decode(bytes: Uint8Array): Line {
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { fault: "The command line is not valid UTF-8" };
  }
}
