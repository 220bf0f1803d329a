/** Connections that are served from their first byte in plain text, or begin TLS themselves. */
import type { Incoming, Source } from "./acceptor.ts";
import { proxiedClient, type TrustsProxy } from "./proxied.ts";
import { Listeners } from "./listeners.ts";
import { closeNow } from "./linger.ts";

/** Listens at a port. @param port 0: a free one */
export class PlainSource implements Source<Deno.TcpConn> {
  readonly #listeners: Listeners<Deno.TcpConn>;
  readonly #trustsProxy: TrustsProxy | undefined;
  readonly #isShared: boolean;

  constructor(
    place: {
      readonly host: string;
      readonly port: number;
      readonly listeners?: number;
      readonly trustsProxy?: TrustsProxy | undefined;
      /** Whether proxies hand requests of many clients on, without a header; others are not served. */
      readonly isShared?: boolean;
    },
  ) {
    const { host: hostname, listeners = 1, trustsProxy, isShared = false } = place;
    this.#trustsProxy = trustsProxy;
    this.#isShared = isShared;
    // The port is shared even with one worker: one that failed may not be quite gone.
    const listen = (port: number) => Deno.listen({ hostname, port, reusePort: true });
    this.#listeners = new Listeners(place.port, listeners, listen);
  }

  get port(): number {
    return this.#listeners.port;
  }

  async accept(): Promise<Incoming<Deno.TcpConn>> {
    const connection = await this.#listeners.accept();
    if (this.#isShared) return this.#shared(connection);
    const client = proxiedClient(connection, this.#trustsProxy);
    return {
      address: connection.remoteAddr.hostname,
      client,
      open: async () => await client?.() === undefined && client ? undefined : connection,
      close: () => closeNow(connection),
    };
  }

  close(): void {
    this.#listeners.close();
  }

  #shared(connection: Deno.TcpConn): Incoming<Deno.TcpConn> {
    const address = connection.remoteAddr.hostname;
    const isProxy = this.#trustsProxy?.(address) === true;
    if (isProxy) connection.setNoDelay(true);
    else closeNow(connection);
    return {
      address,
      isShared: true,
      open: () => Promise.resolve(isProxy ? connection : undefined),
      close: () => closeNow(connection),
    };
  }
}
