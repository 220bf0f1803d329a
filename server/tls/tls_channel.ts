import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { setImmediate } from "node:timers";
import { type SecureContext, TLSSocket } from "node:tls";
import {
  buffers,
  CountedBytes,
  free,
  IDLE_BYTES,
  type LentBytes,
  type PooledBuffer,
} from "../../buffers/pool.ts";
import { Deadline } from "../listener/deadline.ts";
import { closeNow } from "../listener/linger.ts";
import { type Channel, LINGER_BYTES, LINGER_MS, READ_BYTES } from "./channel.ts";
import { RawStream } from "./raw_stream.ts";
import { RecordTap } from "./record_tap.ts";
import { sendUncopied } from "./uncopied.ts";

/** Decrypted bytes beyond which the connection is not read: `node:tls` itself knows no such bound. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Factor by which the buffer grows after a read that filled it. */
const GROWTH = 8;

/** How a connection is secured. */
export interface TlsChannelOptions {
  /** Timeout of the handshake. */
  readonly timeoutMs: number;
  /** Maximum of bytes per read from the connection. @default 256 KiB */
  readonly readBytes?: number;
  /** The connection is not read while more decrypted bytes wait. @default 1 MiB */
  readonly queueBytes?: number;
  /** Names of the protocol (RFC 7301), the preferred first: a client that offers only others is refused. */
  readonly alpn?: readonly string[];
  /** Bytes that were read from the connection already. */
  readonly first?: Uint8Array;
}

/** One for all: to make an error costs more than to close a connection. */
const CLOSED = new Error("The connection was closed");

/**
 * The server's side of TLS on a connection that is already open: after `AUTH TLS`, or after the 150
 * of a data connection. This class reads the connection, not `node:tls`, so that it reads only on
 * demand, and can distinguish an announced end from a cut.
 */
export class TlsChannel implements Channel {
  readonly #connection: Deno.TcpConn;
  readonly #raw: RawStream;
  readonly #tls: TLSSocket;
  readonly #tap = new RecordTap();
  readonly #readBytes: number;
  readonly #queueBytes: number;
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
  readonly #closed = Promise.withResolvers<void>();
  #wake = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();
  readonly #waiting = new Set<(error: Error) => void>();

  private constructor(
    connection: Deno.TcpConn,
    secureContext: SecureContext,
    { readBytes = READ_BYTES, queueBytes = MAX_QUEUED_BYTES, alpn }: TlsChannelOptions,
  ) {
    this.#connection = connection;
    this.#readBytes = readBytes;
    this.#queueBytes = queueBytes;
    this.#raw = new RawStream(connection, (error) => this.#fail(error));
    this.#tls = new TLSSocket(this.#raw, {
      isServer: true,
      secureContext,
      ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
    });
    // `_tlsError` is where failures before the end of the handshake go, "error" the others.
    this.#tls.on("_tlsError", (error: Error) => this.#fail(error));
    sendUncopied(this.#tls);
    // A plain array: a Buffer's `slice` is no copy, and these bytes are freed.
    this.#tls.on("data", ({ buffer, byteOffset, length }: Buffer<ArrayBuffer>) => {
      this.#take(new Uint8Array(buffer, byteOffset, length));
    });
    this.#tls.on("end", () => this.#end());
    this.#tls.on("error", (error: Error) => this.#fail(error));
  }

  /**
   * Shakes hands.
   *
   * @throws where the handshake fails or takes too long; the connection is closed
   */
  static async accept(
    connection: Deno.TcpConn,
    context: SecureContext,
    options: TlsChannelOptions,
  ): Promise<TlsChannel> {
    const channel = new TlsChannel(connection, context, options);
    // The socket starts its engine in the next tick. Bytes that reach the engine before that and
    // are no TLS fail inside of that start, where nothing catches the exception.
    await new Promise<void>((resolve) => nextTick(resolve));
    const deadline = new Deadline(
      options.timeoutMs,
      () => channel.#fail(new Error("The TLS handshake took too long")),
    );
    try {
      await channel.#orFailure((resolve) => {
        channel.#tls.once("secure", () => {
          channel.#secured = true;
          resolve();
        });
        channel.#pump(options.first);
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
    if (this.#queuedBytes < this.#queueBytes) this.#room.resolve();
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
    this.#closed.resolve();
    this.#tls.destroy(); // otherwise its native memory is never freed
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Reads the connection to its end, as fast as what comes is taken. */
  async #pump(first?: Uint8Array): Promise<void> {
    let buffer = buffers.take(IDLE_BYTES);
    let lingered = 0;
    try {
      if (first !== undefined) this.#feed(first);
      while (this.#failure === undefined) {
        if (this.#queuedBytes >= this.#queueBytes) {
          this.#room = Promise.withResolvers();
          await this.#room.promise;
        }
        const count = await this.#connection.read(buffer.bytes);
        if (count === null) {
          this.#over = true;
          break;
        }
        if (this.#lingering && this.#ended) {
          if ((lingered += count) > LINGER_BYTES) break;
          continue;
        }
        this.#feed(buffer.bytes.subarray(0, count));
        buffer = this.#resized(buffer, count);
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

  #feed(bytes: Uint8Array): void {
    this.#tap.feed(bytes);
    this.#raw.emit(
      "data",
      Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length),
    );
  }

  /** A buffer for the next read, when `count` bytes of this one were filled: little while idle. */
  #resized(buffer: PooledBuffer, count: number): PooledBuffer {
    const size = buffer.bytes.length;
    const full = count === size && size < this.#readBytes;
    const slack = count < size / GROWTH && size > IDLE_BYTES;
    if (!full && !slack) return buffer;
    buffer.release();
    return buffers.take(full ? Math.min(size * GROWTH, this.#readBytes) : IDLE_BYTES);
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
