/** Connections that are served from their first byte in plain text, or begin TLS themselves. */
import type { Incoming, Source } from "./acceptor.ts";
import { closeNow } from "./linger.ts";

/** Listens at a port. @param port 0: a free one */
export class PlainSource implements Source<Deno.TcpConn> {
  readonly #listener: Deno.TcpListener;

  constructor({ host: hostname, port }: { readonly host: string; readonly port: number }) {
    // The port is shared even with one worker: one that failed may not be quite gone.
    this.#listener = Deno.listen({ hostname, port, reusePort: true });
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async accept(): Promise<Incoming<Deno.TcpConn>> {
    const connection = await this.#listener.accept();
    return {
      address: connection.remoteAddr.hostname,
      open: () => Promise.resolve(connection),
      close: () => closeNow(connection),
    };
  }

  close(): void {
    this.#listener.close();
  }
}
