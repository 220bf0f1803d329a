/** Listens for HTTPS: TLS connections that speak HTTP/1.1, admitted before their handshake. */
import type { Peer } from "../../listener/acceptor.ts";
import type { Connection } from "../../listener/connection.ts";
import type { DoorLimits } from "../../admission/door_limits.ts";
import { closeLingering } from "../../listener/linger.ts";
import { TlsListener } from "../../tls/tls_listener.ts";
import { type Answer, HttpConnection } from "./connection.ts";

/** What a listener is opened with. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly limits: DoorLimits;
}

/** How often connections are looked at whose peer lets us wait. */
const SWEEP_MS = 500;
const FULL_TEXT = "Too many connections; try again later\n";
const FULL = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n" +
    `content-type: text/plain\r\ncontent-length: ${FULL_TEXT.length}\r\n\r\n${FULL_TEXT}`,
);

/** Listener of the web port. */
export class HttpsListener {
  readonly port: number;
  readonly #listener: TlsListener;
  readonly #connections = new Map<HttpConnection, Promise<void>>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  #closed = false;

  constructor(private readonly options: ListenerOptions, private readonly answer: Answer) {
    this.#listener = new TlsListener({ ...options, alpn: "http/1.1" }, {
      serve: (connection, peer) => this.#serve(connection, peer),
      refuse,
    });
    this.port = this.#listener.port;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
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
    if (!this.#closed) {
      this.#closed = true;
      this.#listener.close();
    }
    for (const connection of this.#connections.keys()) connection.shutDown();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const grace = new Promise<void>((resolve) => timer = setTimeout(resolve, graceMs));
    await Promise.race([Promise.allSettled(this.#connections.values()), grace]);
    clearTimeout(timer);
    clearInterval(this.#sweeper);
    for (const connection of this.#connections.keys()) connection.drop();
    await Promise.allSettled(this.#connections.values());
  }

  async #serve(connection: Connection, peer: Peer): Promise<void> {
    const { idleTimeoutMs } = this.options.limits;
    const served = new HttpConnection(connection, peer, idleTimeoutMs, this.answer);
    if (this.#closed) return connection.close();
    const run = served.run();
    this.#connections.set(served, run);
    await run.finally(() => this.#connections.delete(served));
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections.keys()) {
      if (connection.deadlineMs < now) connection.drop();
    }
  }
}

/** Answers a connection that there is no place for. */
async function refuse(connection: Connection): Promise<void> {
  await connection.write(FULL);
  await closeLingering(connection);
}
