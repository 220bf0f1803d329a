/** Connections whose TLS this program does itself, so that it can close each at any time. */
import { createSecureContext, type SecureContext } from "node:tls";
import { IDLE_BYTES, type LentBytes } from "../../buffers/pool.ts";
import type { Incoming, Source } from "../listener/acceptor.ts";
import type { Connection } from "../listener/connection.ts";
import { Deadline } from "../listener/deadline.ts";
import { closeNow } from "../listener/linger.ts";
import { Listeners } from "../listener/listeners.ts";
import { type Client, proxiedClient, type TrustsProxy } from "../listener/proxied.ts";
import { HANDSHAKE_MS, type TlsOptions } from "./options.ts";
import { TlsChannel } from "./tls_channel.ts";

/** Maximum of bytes per read, and of decrypted bytes that wait for a reader. */
const READ_BYTES = 64 * 1024;

/** Listens at a port. */
export class GuardedSource implements Source<Connection> {
  /** Number of connections that closed before their handshake ended. */
  late = 0;
  readonly #listeners: Listeners<Deno.TcpConn>;
  readonly #alpn: string;
  readonly #trustsProxy: TrustsProxy | undefined;
  #context: SecureContext;

  constructor(options: TlsOptions) {
    const { host: hostname, listeners = 1, alpn } = options;
    this.#context = contextOf(options);
    this.#alpn = alpn;
    this.#trustsProxy = options.trustsProxy;
    const listen = (port: number) => Deno.listen({ hostname, port, reusePort: true });
    this.#listeners = new Listeners(options.port, listeners, listen);
  }

  get port(): number {
    return this.#listeners.port;
  }

  /** Uses another certificate for connections that come from now on. */
  setCertificate(cert: string, key: string): void {
    this.#context = contextOf({ cert, key });
  }

  async accept(): Promise<Incoming<Connection>> {
    const connection = await this.#listeners.accept();
    connection.setNoDelay(true);
    const [context, alpn] = [this.#context, this.#alpn];
    return new GuardedIncoming(connection, proxiedClient(connection, this.#trustsProxy), {
      secure: (first) =>
        TlsChannel.accept(connection, context, {
          timeoutMs: HANDSHAKE_MS,
          readBytes: READ_BYTES,
          queueBytes: READ_BYTES,
          alpn: [alpn],
          first,
        }),
      onLate: () => this.late++,
    });
  }

  close(): void {
    this.#listeners.close();
  }
}

function contextOf({ cert, key }: { readonly cert: string; readonly key: string }): SecureContext {
  return createSecureContext({ cert, key, minVersion: "TLSv1.2" });
}

interface Steps {
  /** Shakes hands. @param first the first bytes that came */
  secure(first: Uint8Array): Promise<TlsChannel>;
  /** Called where the connection is closed before its handshake has ended. */
  onLate(): void;
}

class GuardedIncoming implements Incoming<Connection> {
  readonly address: string;
  #state: "new" | "open" | "closed" = "new";
  #opened: Connection | undefined;

  constructor(
    private readonly connection: Deno.TcpConn,
    readonly client: (() => Promise<Client | undefined>) | undefined,
    private readonly steps: Steps,
  ) {
    this.address = connection.remoteAddr.hostname;
  }

  async open(): Promise<Connection | undefined> {
    const late = new Deadline(HANDSHAKE_MS, () => this.close());
    try {
      if (this.client !== undefined && await this.client() === undefined) {
        throw new Deno.errors.UnexpectedEof("No PROXY header came");
      }
      // One that says nothing costs no more than its descriptor.
      const first = new Uint8Array(IDLE_BYTES);
      const count = await this.connection.read(first);
      if (count === null) throw new Deno.errors.UnexpectedEof("No handshake came");
      const channel = await this.steps.secure(first.subarray(0, count));
      this.#state = "open";
      return this.#opened = new GuardedConnection(channel);
    } catch {
      this.#state = "closed"; // no TLS, or gone, or too late
      closeNow(this.connection);
      return undefined;
    } finally {
      late.cancel();
    }
  }

  close(): void {
    if (this.#opened !== undefined) return this.#opened.close();
    if (this.#state === "new") this.steps.onLate();
    this.#state = "closed";
    closeNow(this.connection);
  }
}

/** A TLS channel, read and written as a `Deno.TlsConn` is. */
class GuardedConnection implements Connection {
  #piece: LentBytes | undefined;
  #start = 0;

  constructor(private readonly channel: TlsChannel) {}

  async read(into: Uint8Array): Promise<number | null> {
    const piece = this.#piece ?? await this.channel.read();
    if (piece === null) return null;
    const count = Math.min(into.length, piece.bytes.length - this.#start);
    into.set(piece.bytes.subarray(this.#start, this.#start + count));
    this.#start += count;
    const done = this.#start === piece.bytes.length;
    this.#piece = done ? undefined : piece;
    if (done) {
      this.#start = 0;
      piece.release();
    }
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.channel.write(bytes);
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return this.channel.end();
  }

  close(): void {
    this.#piece?.release();
    this.#piece = undefined;
    this.channel.drop();
  }
}
