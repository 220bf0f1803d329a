/** Several listeners on one port, as one. */

/** The listeners of `Deno.listen` and `Deno.listenTls`. */
interface Listener<C> {
  readonly addr: Deno.Addr;
  accept(): Promise<C>;
  close(): void;
}

/** Opens a listener on a port. */
type Listen<C> = (port: number) => Listener<C>;

/** The connection that one listener accepted, or its error. */
type Accepted<C> = { connection: C } | { error: unknown };

/**
 * Listens several times on one port. Where listeners share a port the kernel gives each new
 * connection to one of them, also to that of a thread that hangs: the more there are of others, the
 * fewer connections it gets.
 */
export class Listeners<C extends { close(): void }> {
  readonly port: number;
  readonly #all: Listener<C>[] = [];
  /** Listeners whose next connection is not waited for. */
  readonly #idle = new Set<Listener<C>>();
  /** Connections that were accepted and not taken yet: at most one of each listener. */
  readonly #ready: Accepted<C>[] = [];
  #taker: PromiseWithResolvers<C> | undefined;
  #closed = false;

  /**
   * @param port 0: a free one
   * @param count number of listeners, at least 1
   * @throws where one cannot be opened: none is open then
   */
  constructor(port: number, count: number, listen: Listen<C>) {
    try {
      for (let index = 0; index < count; index++) this.#all.push(listen(port || this.#portOfFirst));
    } catch (error) {
      this.close();
      throw error;
    }
    this.port = this.#portOfFirst;
    for (const listener of this.#all) this.#idle.add(listener);
  }

  get #portOfFirst(): number {
    return (this.#all[0]?.addr as Deno.NetAddr | undefined)?.port ?? 0;
  }

  /**
   * Resolves to the next connection; only one call at a time. @throws where none can be accepted
   * now
   */
  accept(): Promise<C> {
    if (this.#all.length === 1) return this.#all[0]!.accept();
    const taker = this.#taker = Promise.withResolvers<C>();
    const first = this.#ready.shift();
    if (first !== undefined) this.#hand(first);
    for (const listener of this.#idle) this.#wait(listener);
    return taker.promise;
  }

  /** Closes all listeners, and accepted connections that were not taken. */
  close(): void {
    this.#closed = true;
    for (const listener of this.#all) listener.close();
    for (const one of this.#ready.splice(0)) if ("connection" in one) one.connection.close();
  }

  async #wait(listener: Listener<C>): Promise<void> {
    this.#idle.delete(listener);
    const accepted = await listener.accept()
      .then((connection) => ({ connection }), (error: unknown) => ({ error }));
    this.#idle.add(listener);
    if (this.#taker !== undefined) this.#hand(accepted);
    else if (!this.#closed) this.#ready.push(accepted);
    else if ("connection" in accepted) accepted.connection.close();
  }

  #hand(accepted: Accepted<C>): void {
    const taker = this.#taker!;
    this.#taker = undefined;
    if ("connection" in accepted) taker.resolve(accepted.connection);
    else taker.reject(accepted.error);
  }
}
