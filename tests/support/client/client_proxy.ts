/** A relay between client and server that cuts, stalls, pauses or lets pass. */

/** Treatment of a connection after a number of bytes from the client to the server or back. */
export interface Fault {
  kind: "reset" | "silent";
  /** Bytes of both directions together. */
  afterBytes: number;
}

/** Bytes that a connection may still send while the relay is paused: a page can be loaded. */
const SENT_WHILE_PAUSED = 256 * 1024;

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
  /** Value of {@linkcode sent} from which on uploads wait, and the end of the wait. */
  #pause: { from: number; end: PromiseWithResolvers<void> } | undefined;

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

  /**
   * Lets `bytes` more pass to the server, and then stops every connection that sends much.
   * Small requests pass all the time, so a page can be used while its upload waits.
   */
  pauseAfter(bytes: number): void {
    this.resume();
    this.#pause = { from: this.sent + bytes, end: Promise.withResolvers() };
  }

  /** Ends a pause. Without one, it does nothing. */
  resume(): void {
    this.#pause?.end.resolve();
    this.#pause = undefined;
  }

  [Symbol.dispose](): void {
    this.resume();
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
    let sentPaused = 0;
    const sending = async (bytes: number) => {
      this.sent += bytes;
      if (this.#pause === undefined || this.sent < this.#pause.from) return;
      sentPaused += bytes;
      if (sentPaused <= SENT_WHILE_PAUSED) return;
      await this.#pause.end.promise;
      sentPaused = 0;
    };
    const receiving = (bytes: number) => {
      this.received += bytes;
    };
    const pass = async (
      from: Deno.Conn,
      to: Deno.Conn,
      count: (bytes: number) => Promise<void> | void,
    ) => {
      const buffer = new Uint8Array(64 * 1024);
      try {
        for (;;) {
          const read = await from.read(buffer);
          if (read === null) break;
          const allowed = Math.min(read, left);
          left -= read;
          await count(allowed);
          let done = 0;
          while (done < allowed) done += await to.write(buffer.subarray(done, allowed));
          if (left > 0) continue;
          if (fault!.kind === "silent") return await new Promise<void>(() => {});
          break;
        }
      } finally {
        // One side was reset, perhaps: the other is notified.
        close(from);
        close(to);
      }
    };
    await Promise.allSettled([
      pass(client, server, sending),
      pass(server, client, receiving),
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
