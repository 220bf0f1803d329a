import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { setImmediate } from "node:timers";
import { type SecureContext, TLSSocket } from "node:tls";
import { buffers, CountedBytes, free, type LentBytes } from "../../buffers/pool.ts";
import { type Channel, closeNow, LINGER_BYTES, LINGER_MS, READ_BYTES } from "./channel.ts";
import { Deadline } from "./deadline.ts";
import { RawStream } from "./raw_stream.ts";
import { RecordTap } from "./record_tap.ts";
import { sendUncopied } from "./uncopied.ts";

/** Decrypted bytes beyond which the connection is not read: `node:tls` itself knows no such bound. */
const MOST_QUEUED_BYTES = 1024 * 1024;

/** One for all: to make an error costs more than to close a connection. */
const CLOSED = new Error("The connection was closed");

/**
 * The server's side of TLS on a connection that is open already: behind `AUTH TLS`, or behind the
 * 150 of a data connection. The connection is read here and not by `node:tls`, so that no more is
 * read than somebody wants, and an end that was announced can be told from a cut.
 */
export class TlsChannel implements Channel {
  readonly #connection: Deno.TcpConn;
  readonly #raw: RawStream;
  readonly #tls: TLSSocket;
  readonly #tap = new RecordTap();
  readonly #readBytes: number;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #secured = false;
  #ended = false;
  #cleanly = false;
  #failure: Error | undefined;
  /** The peer is only read so that it can end in its own time. */
  #lingering = false;
  /** The connection itself has ended: nothing more can come. */
  #over = false;
  #dropped = false;
  #wake = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();
  readonly #waiting = new Set<(error: Error) => void>();

  private constructor(connection: Deno.TcpConn, secureContext: SecureContext, readBytes: number) {
    this.#connection = connection;
    this.#readBytes = readBytes;
    this.#raw = new RawStream(connection, (error) => this.#fail(error));
    this.#tls = new TLSSocket(this.#raw, { isServer: true, secureContext });
    // `_tlsError` is where failures before the end of the handshake go, "error" the others.
    this.#tls.on("_tlsError", (error: Error) => this.#fail(error));
    sendUncopied(this.#tls);
    this.#tls.on("data", (bytes: Uint8Array) => this.#take(bytes));
    this.#tls.on("end", () => this.#end());
    this.#tls.on("error", (error: Error) => this.#fail(error));
  }

  /**
   * Shakes hands.
   *
   * @param readBytes how many bytes are asked of the connection at once
   * @throws where the handshake fails or takes longer than `timeoutMs`; the connection is closed
   */
  static async accept(
    connection: Deno.TcpConn,
    context: SecureContext,
    { timeoutMs, readBytes = READ_BYTES }: { timeoutMs: number; readBytes?: number },
  ): Promise<TlsChannel> {
    const channel = new TlsChannel(connection, context, readBytes);
    // The socket starts its engine in the next tick. Bytes that reach the engine before that and
    // are no TLS fail inside of that start, where nothing catches the exception.
    await new Promise<void>((resolve) => nextTick(resolve));
    const deadline = new Deadline(
      timeoutMs,
      () => channel.#fail(new Error("The TLS handshake took too long")),
    );
    try {
      await channel.#orFailure((resolve) => {
        channel.#tls.once("secure", () => {
          channel.#secured = true;
          resolve();
        });
        channel.#pump();
      });
      return channel;
    } catch (error) {
      channel.drop();
      throw error;
    } finally {
      deadline.cancel();
    }
  }

  get endedCleanly(): boolean {
    return this.#cleanly;
  }

  async read(): Promise<LentBytes | null> {
    while (this.#queue.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return null;
      await this.#wake.promise;
    }
    const bytes = this.#queue.shift()!;
    this.#queuedBytes -= bytes.length;
    if (this.#queuedBytes < MOST_QUEUED_BYTES) this.#room.resolve();
    return new CountedBytes(bytes, free); // it would weigh much until it is collected
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const view = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
    return this.#orFailure((resolve) => this.#tls.write(view, () => resolve()));
  }

  async end(): Promise<void> {
    if (this.#failure !== undefined) return this.drop();
    this.#linger();
    try {
      await this.#orFailure((resolve) => this.#tls.end(() => resolve()));
      await new Promise((resolve) => setImmediate(resolve)); // close_notify is handed to the stream
      await this.#raw.written;
      if (this.#over) this.drop();
      else await this.#connection.closeWrite();
    } catch {
      this.drop(); // the peer was quicker
    }
  }

  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#fail(CLOSED);
    closeNow(this.#connection);
    this.#tls.destroy(); // else what it holds outside of this program's memory is never given back
  }

  /** Reads the connection to its end, as fast as what comes is taken. */
  async #pump(): Promise<void> {
    const buffer = buffers.take(this.#readBytes);
    const into = buffer.bytes;
    const view = Buffer.from(into.buffer);
    let lingered = 0;
    try {
      while (this.#failure === undefined) {
        if (this.#queuedBytes >= MOST_QUEUED_BYTES) {
          this.#room = Promise.withResolvers();
          await this.#room.promise;
        }
        const count = await this.#connection.read(into);
        if (count === null) {
          this.#over = true;
          break;
        }
        if (this.#lingering && this.#ended) {
          if ((lingered += count) > LINGER_BYTES) break;
          continue;
        }
        this.#tap.feed(into.subarray(0, count));
        this.#raw.emit("data", view.subarray(0, count));
      }
      if (!this.#secured) throw new Error("The connection ended in the TLS handshake");
      if (!this.#ended) this.#raw.emit("end");
    } catch (error) {
      this.#fail(error);
    } finally {
      buffer.release();
      if (this.#lingering) this.drop();
    }
  }

  #take(bytes: Uint8Array): void {
    if (this.#lingering) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#wakeReader();
  }

  #end(): void {
    this.#cleanly = this.#tap.endsWithAlert;
    this.#ended = true;
    this.#wakeReader();
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    this.#wakeReader();
    this.#room.resolve();
    for (const reject of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
  }

  #wakeReader(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #linger(): void {
    this.#lingering = true;
    this.#queue.length = this.#queuedBytes = 0;
    this.#room.resolve();
    const deadline = new Deadline(LINGER_MS, () => this.drop());
    this.#waiting.add(() => deadline.cancel());
  }

  /** Waits for a callback, or for the connection to fail. */
  #orFailure(begin: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting.add(reject);
      begin(() => {
        this.#waiting.delete(reject);
        resolve();
      });
    });
  }
}
