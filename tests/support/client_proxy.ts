/** A relay between client and server that cuts, stalls or lets pass. */

/** What becomes of a connection once so many bytes went from the client to the server or back. */
export interface Fault {
  kind: "reset" | "silent";
  /** Bytes of both directions together. */
  afterBytes: number;
}

/** A relay to a port of this machine. */
export class FaultProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  #down = false;
  /** Faults for the connections to come, in their order; without one, all passes. */
  readonly faults: Fault[] = [];
  /** Bytes that went from clients to the server. */
  sent = 0;
  /** Bytes that went from the server to clients. */
  received = 0;
  /** Connections taken. */
  connections = 0;

  constructor(readonly targetPort: number) {
    this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** While set there is no network: what is connected is cut, and what connects too. */
  set down(down: boolean) {
    this.#down = down;
    if (down) { for (const connection of this.#open) close(connection); }
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        this.connections++;
        if (this.#down) {
          close(client);
          continue;
        }
        this.#relay(client, this.faults.shift()).catch(() => {});
      }
    } catch {
      // Closed.
    }
  }

  async #relay(client: Deno.Conn, fault: Fault | undefined): Promise<void> {
    this.#open.add(client);
    let server: Deno.Conn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.targetPort });
    } catch {
      return close(client); // the server is down
    }
    this.#open.add(server);
    let left = Math.floor(fault?.afterBytes ?? Infinity);
    const pass = async (from: Deno.Conn, to: Deno.Conn, count: (bytes: number) => void) => {
      const buffer = new Uint8Array(64 * 1024);
      try {
        for (;;) {
          const read = await from.read(buffer);
          if (read === null) break;
          const allowed = Math.min(read, left);
          left -= read;
          count(allowed);
          let done = 0;
          while (done < allowed) done += await to.write(buffer.subarray(done, allowed));
          if (left > 0) continue;
          if (fault!.kind === "silent") return await new Promise<void>(() => {});
          break;
        }
      } finally {
        // One side was reset, perhaps: the other is told.
        close(from);
        close(to);
      }
    };
    await Promise.allSettled([
      pass(client, server, (bytes) => this.sent += bytes),
      pass(server, client, (bytes) => this.received += bytes),
    ]);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
