/** Connections that are served from their first byte in plain text, or begin TLS themselves. */
import type { Incoming, Source } from "./acceptor.ts";
import { Listeners } from "./listeners.ts";
import { closeNow } from "./linger.ts";

/** Listens at a port. @param port 0: a free one */
export class PlainSource implements Source<Deno.TcpConn> {
  readonly #listeners: Listeners<Deno.TcpConn>;

  constructor(
    place: { readonly host: string; readonly port: number; readonly listeners?: number },
  ) {
    const { host: hostname, listeners = 1 } = place;
    // The port is shared even with one worker: one that failed may not be quite gone.
    const listen = (port: number) => Deno.listen({ hostname, port, reusePort: true });
    this.#listeners = new Listeners(place.port, listeners, listen);
  }

  get port(): number {
    return this.#listeners.port;
  }

  async accept(): Promise<Incoming<Deno.TcpConn>> {
    const connection = await this.#listeners.accept();
    return {
      address: connection.remoteAddr.hostname,
      open: () => Promise.resolve(connection),
      close: () => closeNow(connection),
    };
  }

  close(): void {
    this.#listeners.close();
  }
}
