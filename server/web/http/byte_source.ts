import { IDLE_BYTES } from "../../../buffers/pool.ts";
import type { Connection } from "../../listener/connection.ts";
import { HttpError, MAX_HEAD_BYTES } from "./head.ts";

const CR = 13;
const LF = 10;

/** Timeout of the next read or write; `Infinity` while the connection is idle. */
export interface Clock {
  /** Sets the timeout of the peer's next read or write. */
  expect(ms: number): void;
  /** Nothing is awaited of it. */
  rest(): void;
  /** Idle timeout. */
  readonly idleMs: number;
}

/** A request's head is to be there in this time after its first byte. */
const HEAD_MS = 15_000;
/** Maximum time between requests: an idle connection takes a place. */
const BETWEEN_MS = 60_000;
/** Maximum of empty lines before a request, bytes. */
const MAX_EMPTY_BYTES = 64;
/** Waiting for a body in all: as long as one silence may be, and what this rate takes. */
const MIN_BYTES_PER_MS = 0.256;

/** Input of a connection, as lines and as bytes. */
export class ByteSource {
  #buffer = new Uint8Array(IDLE_BYTES);
  #start = 0;
  #end = 0;
  /** Total time left to wait for this request's body, ms. */
  #waitLeftMs = 0;

  constructor(private readonly connection: Connection, private readonly clock: Clock) {}

  /**
   * The lines of the next head, as one character for each byte.
   *
   * @returns undefined where the connection ends before it begins
   * @throws {HttpError} 431 for one that is too long
   */
  async head(): Promise<string | undefined> {
    this.clock.expect(Math.min(this.clock.idleMs, BETWEEN_MS));
    if (!await this.#skipEmptyLines()) return undefined;
    this.clock.expect(HEAD_MS);
    this.#waitLeftMs = this.clock.idleMs;
    // Offsets from the start of the head: where the current line begins, and how far it was read.
    for (let lineStart = 0, scanned = 0;;) {
      const bytes = this.#buffer.subarray(this.#start, this.#end);
      const lineEnd = bytes.indexOf(LF, scanned);
      if ((lineEnd < 0 ? bytes.length : lineEnd) >= MAX_HEAD_BYTES) {
        throw new HttpError(431, "The head of the request is too long");
      }
      if (lineEnd < 0) {
        scanned = bytes.length;
        if (!await this.#fill()) throw ended();
      } else if (lineEnd === 0 || bytes[lineEnd - 1] !== CR) {
        throw new HttpError(400, "A line does not end as it should");
      } else if (lineEnd - 1 === lineStart) {
        const text = latin1(bytes.subarray(0, lineStart - 2));
        this.#start += lineEnd + 1;
        this.clock.rest();
        return text;
      } else {
        lineStart = scanned = lineEnd + 1;
      }
    }
  }

  /**
   * Passes over empty lines before a request (RFC 9112, section 2.2).
   *
   * @returns false where the connection ends before the request
   * @throws {HttpError} 400 for too many of them, or a CR or LF alone
   */
  async #skipEmptyLines(): Promise<boolean> {
    for (let empty = 0;;) {
      if (this.#start === this.#end && !await this.#fill()) return false;
      const first = this.#buffer[this.#start];
      if (first !== CR && first !== LF) return true;
      if (this.#end - this.#start < 2 && first === CR && !await this.#fill()) return false;
      if (first === LF || this.#buffer[this.#start + 1] !== LF) {
        throw new HttpError(400, "A line does not end as it should");
      }
      this.#start += 2;
      if ((empty += 2) > MAX_EMPTY_BYTES) throw new HttpError(400, "There are only empty lines");
    }
  }

  /** A line without its end. @throws {HttpError} 400 for one of more than `most` bytes */
  async line(most: number): Promise<string> {
    while (true) {
      const found = this.#buffer.subarray(this.#start, this.#end).indexOf(LF);
      // The CR before the LF is not part of the line either.
      if (found > most + 1 || (found < 0 && this.#end - this.#start > most + 1)) {
        throw new HttpError(400, "A line is too long");
      }
      if (found >= 0) {
        const line = this.#buffer.subarray(this.#start, this.#start + found);
        this.#start += found + 1;
        if (line.at(-1) !== CR) throw new HttpError(400, "A line does not end as it should");
        return latin1(line.subarray(0, -1));
      }
      const count = await this.#waitFor(async () => {
        const before = this.#end - this.#start;
        return await this.#fill() ? this.#end - this.#start - before : null;
      });
      if (count === null) throw ended();
    }
  }

  /** Reads some bytes. @returns number of bytes, at least 1; throws at the end of the connection */
  async take(into: Uint8Array): Promise<number> {
    if (this.#start < this.#end) {
      const count = Math.min(into.length, this.#end - this.#start);
      into.set(this.#buffer.subarray(this.#start, this.#start + count));
      this.#start += count;
      return count;
    }
    const count = await this.#waitFor(() => this.connection.read(into));
    if (count === null) throw ended();
    return count;
  }

  /** Bytes of a body: the peer may be silent for a while, but not let us wait for each. */
  async #waitFor(read: () => Promise<number | null>): Promise<number | null> {
    this.clock.expect(Math.min(this.clock.idleMs, this.#waitLeftMs));
    const before = performance.now();
    const count = await read();
    this.clock.rest();
    this.#waitLeftMs += (count ?? 0) / MIN_BYTES_PER_MS - (performance.now() - before);
    return count;
  }

  /** Whether bytes are there already. */
  get ready(): boolean {
    return this.#start < this.#end;
  }

  async #fill(): Promise<boolean> {
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
      // A connection that waits for its next request holds no more.
      if (this.#buffer.length > IDLE_BYTES) this.#buffer = new Uint8Array(IDLE_BYTES);
    } else if (this.#end === this.#buffer.length) {
      const kept = this.#buffer.subarray(this.#start, this.#end);
      // The maximum is the size of a head: longer ones are refused.
      const size = kept.length * 2 > this.#buffer.length
        ? this.#buffer.length * 2
        : this.#buffer.length;
      const next = new Uint8Array(size);
      next.set(kept);
      [this.#buffer, this.#start, this.#end] = [next, 0, kept.length];
    }
    const count = await this.connection.read(this.#buffer.subarray(this.#end));
    if (count === null) return false;
    this.#end += count;
    return true;
  }
}

const decoder = new TextDecoder("latin1");

/** One character for each byte: `latin1` in the Encoding Standard is windows-1252. */
function latin1(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 0x80)) return decoder.decode(bytes);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function ended(): Error {
  return new Deno.errors.UnexpectedEof("The connection ended within a request");
}
