/** Listens for HTTPS: TLS connections with HTTP/1.1, admitted before their handshake. */
import { Acceptor, type Handlers, type Peer } from "../../listener/acceptor.ts";
import type { Connection } from "../../listener/connection.ts";
import type { DoorLimits } from "../../admission/door_limits.ts";
import { OpenConnections } from "../../listener/open_connections.ts";
import { PlainSource } from "../../listener/plain_source.ts";
import type { TrustsProxy } from "../../listener/proxied.ts";
import { closeLingering } from "../../listener/linger.ts";
import { TlsListener } from "../../tls/tls_listener.ts";
import { type Answer, HttpConnection } from "./connection.ts";

/** Options of a listener. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly limits: DoorLimits;
  readonly trustsProxy?: TrustsProxy | undefined;
  /** Whether trusted proxies end TLS, and send HTTP; others are not served. @default false */
  readonly isPlain?: boolean;
  /**
   * The URL by which requests for another one are answered; undefined where there is none.
   *
   * @default the same
   */
  readonly inside?: (url: string) => string | undefined;
  /** Whether each response is the last of its connection. @default false */
  readonly isDraining?: (() => boolean) | undefined;
}

const FULL_TEXT = "Too many connections; try again later\n";
const FULL = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n" +
    `content-type: text/plain\r\ncontent-length: ${FULL_TEXT.length}\r\n\r\n${FULL_TEXT}`,
);

/** Listener of the web port. */
export class HttpsListener {
  readonly port: number;
  readonly #listener: Pick<TlsListener, "port" | "reload" | "close">;
  readonly #connections = new OpenConnections<HttpConnection>({
    check: (connection) => connection.deadlineMs < performance.now() && connection.drop(),
    isBusy: () => false, // a request that is answered is the last of its connection
    stop: (connection) => Promise.resolve(connection.shutDown()),
    drop: (connection) => connection.drop(),
    dropsLate: true,
  });
  #closed = false;

  constructor(private readonly options: ListenerOptions, private readonly answer: Answer) {
    const serve = (connection: Connection, peer: Peer) => this.#serve(connection, peer);
    const { isPlain = false } = options;
    this.#listener = isPlain
      ? plainListener(options, { serve, refuse })
      : new TlsListener({ ...options, alpn: "http/1.1" }, { serve, refuse });
    this.port = this.#listener.port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Uses another certificate for new connections; none is refused or dropped. */
  reload(cert: string, key: string): Promise<void> {
    return this.#listener.reload(cert, key);
  }

  /** Stops accepting, gives requests `graceMs` to be answered, and ends the others. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    await this.#connections.close(graceMs);
  }

  async #serve(connection: Connection, peer: Peer): Promise<void> {
    const { limits: { idleTimeoutMs }, inside, isDraining } = this.options;
    const served = new HttpConnection(
      connection,
      peer,
      idleTimeoutMs,
      this.answer,
      inside,
      isDraining,
    );
    if (this.#closed) return connection.close();
    await this.#connections.add(served, served.run());
  }
}

/** A listener without a certificate. */
function plainListener(options: ListenerOptions, handlers: Handlers<Connection>) {
  const source = new PlainSource({ ...options, isShared: true });
  const acceptor = new Acceptor<Connection>(source, options.limits, handlers);
  return {
    port: source.port,
    reload: () => Promise.resolve(),
    close: () => acceptor.close(),
  };
}

/** Answers a connection that there is no place for. */
async function refuse(connection: Connection): Promise<void> {
  await connection.write(FULL);
  await closeLingering(connection);
}
