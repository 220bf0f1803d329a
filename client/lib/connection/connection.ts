/** One connection to a server: requests out, replies and file data in (docs/protocol.md, 2 and 3). */
import {
  decodeJson,
  FrameReader,
  FrameWriter,
  MAX_JSON_BYTES,
  type Piece,
  type Reply,
} from "../../../protocol/wire.ts";
import { ClientError, ConnectionLost } from "../common/error.ts";
import type { EndHandlers, RequestOptions, TransferHandlers } from "./handlers.ts";
import { checkReply, isInterim, lost } from "./replies.ts";
import { printable } from "../../../common/printable.ts";

/** Number of timeouts to wait for slow requests at a server that reports no progress. */
const SLOW_FACTOR = 20;
/** Reports of progress in one timeout: one that is late is no silence. */
const REPORTS_PER_TIMEOUT = 4;
/** A server that does not say good-bye holds up the end of a command no longer. */
const QUIT_TIMEOUT_MS = 2000;

interface Pending {
  id: number;
  handlers: TransferHandlers | undefined;
  /** Whether the reply came that begins its transfer (150). */
  begun: boolean;
  timeoutMs: number;
  onEnd(reply: Reply): void;
  onLost(error: ClientError): void;
}

/** The part of a `Deno.Conn` that is needed; tests and libraries may bring another stream. */
export type Stream = Pick<Deno.Conn, "read" | "write" | "close">;

/** Requests may be sent without waiting for replies; replies come in the order of the requests. */
export class Connection {
  readonly #stream: Stream;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #timeoutMs: number;
  readonly #pending: Pending[] = [];
  readonly #watch: ReturnType<typeof setInterval>;
  #nextId = 1;
  #flushing: Promise<void> | undefined;
  #writing = 0;
  #pauses = 0;
  #moved = true;
  #lastMove = performance.now();
  #failure: ClientError | undefined;
  /** Whether the server reports progress on slow requests; known after the login. */
  reportsProgress = false;

  /**
   * @param timeoutMs longest time without a byte in either direction while something is awaited
   */
  constructor(stream: Stream, timeoutMs: number) {
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
    this.#writer = new FrameWriter({ write: (bytes) => this.#write(bytes) });
    this.#reader = new FrameReader({
      read: (into) => {
        this.#moved = true; // the read before has just brought something
        return stream.read(into);
      },
    }, { jsonLimit: MAX_JSON_BYTES, holdsMore: true });
    this.#watch = setInterval(() => this.#checkSilence(), Math.min(1000, timeoutMs / 4));
    Deno.unrefTimer(this.#watch);
    this.#receive();
  }

  /** Why the connection ended; undefined while it lives. */
  get failure(): ClientError | undefined {
    return this.#failure;
  }

  /** Requests whose final reply has not come. */
  get outstanding(): number {
    return this.#pending.length;
  }

  /** Whether enough is gathered that it should be flushed. */
  get full(): boolean {
    return this.#writer.full;
  }

  /**
   * Gathers a request to be written by `flush()`; resolves to its final reply.
   *
   * @throws {ConnectionLost} where the connection ends before the reply
   */
  send(
    command: string,
    data: Record<string, unknown>,
    handlers?: TransferHandlers,
    options: RequestOptions = {},
  ): Promise<Reply> {
    const promise = new Promise<Reply>((resolve, reject) => {
      const { slow = false, timeoutMs = this.#timeoutFor(slow) } = options;
      this.#send(command, data, { timeoutMs, slow }, handlers, resolve, reject);
    });
    promise.catch(() => {}); // the error reaches callers that await it
    return promise;
  }

  /**
   * Gathers the request of a transfer, as {@linkcode send} does, and calls back at its end: for
   * transfers by the thousand, whose promises would take longer than their frames.
   */
  transfer(command: string, data: Record<string, unknown>, handlers: EndHandlers): void {
    const onEnd = (reply: Reply) => handlers.onEnd(reply);
    const onLost = (error: ClientError) => handlers.onLost(error);
    const waiting = { timeoutMs: this.#timeoutMs, slow: false };
    this.#send(command, data, waiting, handlers, onEnd, onLost);
  }

  #send(
    command: string,
    data: Record<string, unknown>,
    { timeoutMs, slow }: Required<RequestOptions>,
    handlers: TransferHandlers | undefined,
    onEnd: (reply: Reply) => void,
    onLost: (error: ClientError) => void,
  ): void {
    const id = this.#nextId++;
    if (this.#failure !== undefined) return onLost(this.#failure);
    if (this.#pending.length === 0) this.#moved = true;
    this.#pending.push({ id, handlers, begun: false, timeoutMs, onEnd, onLost });
    if (!slow || !this.reportsProgress) return this.#writer.json({ command, data, id });
    const progress = Math.max(1, Math.floor(timeoutMs / REPORTS_PER_TIMEOUT));
    this.#writer.json({ command, data, id, progress });
  }

  /** Sends a request at once; resolves to its final reply. */
  async request(
    command: string,
    data: Record<string, unknown> = {},
    options: RequestOptions = {},
  ): Promise<Reply> {
    const reply = this.send(command, data, undefined, options);
    await this.flush();
    return await reply;
  }

  /** Gathers `END`, which has no reply of its own. */
  end(data: Record<string, unknown>): void {
    this.#writer.json({ command: "END", data });
  }

  /** Gathers a small DATA frame; `bytes` may be reused at once. */
  smallData(bytes: Uint8Array): void {
    this.#writer.smallData(bytes);
  }

  /** Writes a DATA frame: 8 bytes of room for the header, then the payload. */
  async data(frame: Uint8Array): Promise<void> {
    this.#throwIfFailed();
    await this.#writer.data(frame);
  }

  /** Writes the gathered bytes. If called twice at once, the second call writes after the first. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    this.#throwIfFailed();
    const flushed = this.#writer.flush();
    this.#flushing = flushed.catch(() => {}).finally(() => this.#flushing = undefined);
    await flushed;
  }

  /** Waits for a pause of this side's own, which does not count as the server's silence. */
  async pause(waiting: Promise<void>): Promise<void> {
    this.#pauses++;
    try {
      await waiting;
    } finally {
      this.#pauses--;
      this.#moved = true;
    }
  }

  /** Ends the connection at once; pending requests fail with {@linkcode ConnectionLost}. */
  close(): void {
    this.#fail(new ConnectionLost("The connection was closed"));
  }

  /** Ends the connection with `QUIT`. */
  async quit(): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await this.request("QUIT", {}, { timeoutMs: Math.min(this.#timeoutMs, QUIT_TIMEOUT_MS) });
    } catch {
      // The connection is closed either way.
    }
    this.close();
  }

  async #write(bytes: Uint8Array): Promise<number> {
    this.#writing++;
    try {
      const count = await this.#stream.write(bytes);
      this.#moved = true;
      return count;
    } catch (error) {
      this.#fail(lost(error));
      throw this.#failure;
    } finally {
      this.#writing--;
    }
  }

  async #receive(): Promise<void> {
    try {
      for (;;) {
        const piece = this.#reader.take() ?? await this.#reader.next();
        if (piece === null) throw new ConnectionLost("The server closed the connection");
        try {
          const taken = piece.kind === "json" ? this.#reply(piece.bytes) : this.#data(piece);
          if (taken !== undefined) await this.pause(taken); // the server cannot send meanwhile
        } finally {
          piece.release(); // `using` would take longer than most of what is in between
        }
      }
    } catch (error) {
      this.#fail(error instanceof ClientError ? error : lost(error));
    } finally {
      this.#reader.close();
    }
  }

  #data(piece: Piece): void | Promise<void> {
    if (piece.bytes.length === 0) return;
    const onData = this.#pending[0]?.handlers?.onData;
    if (onData === undefined) throw new ClientError("The server sent data without a request");
    return onData(piece);
  }

  #reply(bytes: Uint8Array): void {
    const reply = checkReply(decodeJson(bytes));
    const head = this.#pending[0];
    if (head === undefined || (reply.id !== undefined && reply.id !== head.id)) {
      const said = reply.data.message ?? reply.status;
      throw reply.status === "SHUTTING_DOWN" || reply.status === "TOO_MANY"
        ? new ConnectionLost(printable(String(said)))
        : new ClientError(`The server sent a reply without a request: ${printable(said)}`);
    }
    if (reply.status === "PROGRESS" && typeof reply.data.offset !== "number") return; // it works
    if (head.handlers !== undefined && isInterim(reply)) {
      if (reply.status === "OK") {
        if (head.begun) throw new ClientError("The server began the same transfer twice");
        head.begun = true;
      }
      head.timeoutMs = this.#timeoutMs; // the slow work before it is done
      head.handlers.onInterim?.(reply);
      return;
    }
    this.#pending.shift();
    head.onEnd(reply);
  }

  #timeoutFor(slow: boolean): number {
    return slow && !this.reportsProgress ? SLOW_FACTOR * this.#timeoutMs : this.#timeoutMs;
  }

  #checkSilence(): void {
    const now = performance.now();
    const idle = this.#pending.length === 0 && this.#writing === 0;
    if (this.#moved || this.#pauses > 0 || idle) {
      this.#moved = false;
      this.#lastMove = now;
      return;
    }
    const timeoutMs = this.#pending[0]?.timeoutMs ?? this.#timeoutMs;
    if (now - this.#lastMove < timeoutMs) return;
    const seconds = Math.round((now - this.#lastMove) / 100) / 10;
    this.#fail(new ConnectionLost(`The server has been silent for ${seconds} s`));
  }

  #fail(error: ClientError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearInterval(this.#watch);
    try {
      this.#stream.close();
    } catch {
      // Closed already.
    }
    // Only the running transfer gets its own error; the others see a lost connection.
    const others = error instanceof ConnectionLost
      ? error
      : new ConnectionLost("The connection was closed after an error", error);
    this.#pending.splice(0).forEach((one, index) => one.onLost(index === 0 ? error : others));
  }

  #throwIfFailed(): void {
    if (this.#failure === undefined) return;
    throw this.#failure instanceof ConnectionLost
      ? this.#failure
      : new ConnectionLost(this.#failure.message, this.#failure);
  }
}
