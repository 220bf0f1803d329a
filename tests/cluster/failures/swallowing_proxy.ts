/** A relay that can fall silent, as a network does that drops packets: nothing is closed or refused. */
export class SwallowingProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  #passing = Promise.resolve();
  #goOn: (() => void) | undefined;

  /** @param target port of this machine */
  constructor(private readonly target: number) {
    this.#accept();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  /** Lets nothing pass any more: neither bytes nor ends of connections, nor new ones. */
  fallSilent(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    [this.#passing, this.#goOn] = [promise, resolve];
  }

  /** Lets pass what waits, and all that follows. */
  speak(): void {
    this.#goOn?.();
  }

  [Symbol.dispose](): void {
    this.speak();
    this.#listener.close();
    for (const connection of this.#open) close(connection);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) this.#relay(client).catch(() => {});
    } catch {
      // Closed.
    }
  }

  async #relay(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    await this.#passing;
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.target })
      .catch(() => undefined);
    if (server === undefined) return close(client);
    this.#open.add(server);
    await Promise.allSettled([this.#pass(client, server), this.#pass(server, client)]);
    this.#open.delete(client);
    this.#open.delete(server);
  }

  async #pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      while (true) {
        const count = await from.read(buffer);
        await this.#passing;
        if (count === null) break;
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      }
    } finally {
      close(from);
      close(to);
    }
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
