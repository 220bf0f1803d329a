// A TCP relay that simulates a bad network: it acts after a chosen number of bytes.

/** An action after `bytes` bytes of file traffic in one direction of one connection. */
export interface Cut {
  direction: "up" | "down";
  bytes: number;
  /** Called once, at that byte; the connection ends when it resolves. */
  act?: () => Promise<void>;
}

/** A relay from a port of 127.0.0.1 to a server's port, which may change. */
export class CuttingProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #running: Promise<void>;
  #cut: Cut | undefined;

  /** Where the server listens. */
  target = 0;

  constructor() {
    this.#running = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Arms the next cut; `undefined` lets everything pass. */
  set cut(cut: Cut | undefined) {
    this.#cut = cut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#running;
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      this.#open.add(client);
      this.#relay(client).finally(() => {
        this.#open.delete(client);
        close(client);
      });
    }
  }

  async #relay(client: Deno.TcpConn): Promise<void> {
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
    } catch {
      return; // The server is down: the client sees its connection end.
    }
    this.#open.add(server);
    const ends = [this.#pump(client, server, "up"), this.#pump(server, client, "down")];
    await Promise.race(ends);
    close(client);
    close(server);
    await Promise.all(ends);
    this.#open.delete(server);
  }

  async #pump(from: Deno.TcpConn, to: Deno.TcpConn, direction: Cut["direction"]): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    let passed = 0;
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        passed += count;
        const cut = this.#cut;
        if (cut?.direction === direction && passed >= cut.bytes) {
          this.#cut = undefined;
          await cut.act?.();
          return;
        }
        for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
      }
    } catch {
      // One side is gone; the other is closed next.
    }
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
