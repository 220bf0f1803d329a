/** The control connection: command lines in, replies out, TLS from `AUTH TLS` on (RFC 4217). */
import type { SecureContext } from "node:tls";
import { type Channel, PlainChannel } from "../../tls/channel.ts";
import { type Line, LineBuffer } from "./line_buffer.ts";
import { formatReply, type Reply } from "./reply.ts";
import { HANDSHAKE_MS } from "../../tls/options.ts";
import { TlsChannel } from "../../tls/tls_channel.ts";

/**
 * Name of the protocol in TLS (RFC 7301). Clients that offer others only, such as browsers, are
 * refused: an attacker in the network could lead their HTTPS here, to the same certificate
 * (Brinkmann et al., "ALPACA", USENIX Security 2021). Most FTP clients offer none.
 */
const ALPN = ["ftp"];
/** Commands are short. */
const READ_BYTES = 4096;

const encoder = new TextEncoder();

/** The control connection of one session. */
export class Control {
  readonly connection: Deno.TcpConn;
  #channel: Channel;
  #secure = false;
  #lines = new LineBuffer();
  #sending: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;
  /** Replies that have not left, and since when there were any, on the monotonic clock in ms. */
  #unsent = 0;
  #unsentSinceMs = 0;

  constructor(connection: Deno.TcpConn) {
    connection.setNoDelay(true);
    this.connection = connection;
    this.#channel = new PlainChannel(connection, READ_BYTES);
  }

  /** Whether commands come within TLS. */
  get secure(): boolean {
    return this.#secure;
  }

  /** Whether something came that was not read as a line yet. */
  get pending(): boolean {
    return this.#lines.pending;
  }

  /** For how long the client has taken no replies that wait for it, ms. */
  get unreadMs(): number {
    return this.#unsent === 0 ? 0 : performance.now() - this.#unsentSinceMs;
  }

  /** The next line; null at the end. */
  async line(): Promise<Line | null> {
    while (true) {
      const line = this.#lines.take();
      if (line !== undefined) return line;
      const piece = await this.#channel.read();
      if (piece === null) return null;
      this.#lines.push(piece.bytes);
      piece.release();
    }
  }

  /** Sends a reply behind those before it; what cannot be sent any more is dropped. */
  send(reply: Reply): Promise<void> {
    const bytes = encoder.encode(formatReply(reply));
    if (this.#unsent++ === 0) this.#unsentSinceMs = performance.now();
    this.#sending = this.#sending.then(() => this.#channel.write(bytes)).catch(() => {})
      .finally(() => this.#unsent--);
    return this.#sending;
  }

  /**
   * Continues within TLS.
   *
   * @throws where the handshake fails; the connection is closed then
   */
  async startTls(context: SecureContext): Promise<void> {
    await this.#sending;
    this.#channel = await TlsChannel.accept(this.connection, context, {
      timeoutMs: HANDSHAKE_MS,
      readBytes: READ_BYTES,
      alpn: ALPN,
    });
    this.#secure = true;
    this.#lines = new LineBuffer();
  }

  /** Closes it once the replies have left. */
  end(): Promise<void> {
    this.#ending ??= this.#sending.then(() => this.#channel.end());
    return this.#ending;
  }

  /** Resolves when its descriptor is free. */
  get closed(): Promise<void> {
    return this.#channel.closed;
  }

  /** Closes it at once. */
  drop(): void {
    this.#channel.drop();
  }
}
