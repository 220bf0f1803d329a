/** Listens for HTTPS, and hands requests to the application. */
import type { DoorLimits } from "../door.ts";

/** Answers a request of the peer at an address. */
export type Answer = (request: Request, address: string) => Response | Promise<Response>;

/** What a listener is opened with. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly limits: DoorLimits;
}

/** See the head of the module. */
export class HttpsListener {
  readonly port: number;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #closing: AbortController;

  constructor(private readonly options: ListenerOptions, private readonly answer: Answer) {
    [this.#server, this.#closing] = this.#listen(options.cert, options.key, options.port);
    this.port = this.#server.addr.port;
  }

  /** Uses another certificate for new connections. */
  reload(cert: string, key: string): void {
    const before = this.#server;
    [this.#server, this.#closing] = this.#listen(cert, key, this.port);
    before.shutdown().catch(() => {});
  }

  /** Stops accepting, gives requests `graceMs` to finish. */
  async close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(), graceMs);
    await this.#server.shutdown().catch(() => {});
    clearTimeout(timer);
  }

  #listen(
    cert: string,
    key: string,
    port: number,
  ): [Deno.HttpServer<Deno.NetAddr>, AbortController] {
    const closing = new AbortController();
    const server = Deno.serve({
      hostname: this.options.host,
      port,
      cert,
      key,
      reusePort: true,
      signal: closing.signal,
      onListen() {},
    }, (request, info) => this.answer(request, info.remoteAddr.hostname));
    return [server, closing];
  }
}
