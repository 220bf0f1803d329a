/** Requests of many callers over few connections. */
import { Interrupted } from "../common/error.ts";
import type { Connection } from "./connection.ts";

/** Maximum connections of each kind of request: those that share one, and those that do not. */
const MAX_CONNECTIONS = 4;
/** Maximum requests that share a connection (of 256 that the server reads ahead). */
const WINDOW_REQUESTS = 64;
/** Number of running requests on each connection before another one is opened. */
const FEW_REQUESTS = 8;

/** Where connections come from, logged in, and go to. */
export interface ConnectionSource {
  acquire(): Promise<Connection>;
  release(connection: Connection): void;
}

/** How a request is carried out. */
export interface PoolOptions {
  /** It gets a connection that no other request uses meanwhile. */
  readonly alone: boolean;
  /** Ends its wait for a connection. */
  readonly signal: AbortSignal | undefined;
}

interface Shared {
  readonly connection: Connection;
  /** Number of running requests. */
  requests: number;
  /** Whether the running request must be alone. */
  alone: boolean;
}

interface Waiting {
  resolve(shared: Shared): void;
  reject(error: unknown): void;
}

/**
 * Gives each request a connection that has room for it. A connection is opened only where those that
 * there are have much to do, and one at a time; requests beyond wait for their turn, so that no
 * number of them fills the places of a server.
 */
export class RequestPool {
  readonly #shared: Shared[] = [];
  readonly #waiting = { alone: [] as Waiting[], sharing: [] as Waiting[] };
  /** Number of connections at which no other one could be opened. */
  #limit = Infinity;
  #opening = false;

  constructor(private readonly source: ConnectionSource) {}

  /**
   * Carries a request out on a connection.
   *
   * @throws {ClientError} where no connection is open and none can be opened
   * @throws {Interrupted} where the signal comes while the request waits for its turn
   */
  async run<T>(
    { alone, signal }: PoolOptions,
    request: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const waiting = this.#waitingFor(alone);
    const shared = (waiting.length === 0 ? this.#take(alone) : undefined) ??
      await this.#turn(waiting, signal);
    try {
      return await request(shared.connection);
    } finally {
      shared.requests--;
      this.#giveBack(shared);
    }
  }

  #waitingFor(alone: boolean): Waiting[] {
    return this.#waiting[alone ? "alone" : "sharing"];
  }

  /** A place on the connection with the fewest requests; undefined where there is none now. */
  #take(alone: boolean): Shared | undefined {
    const [window, few] = alone ? [1, 1] : [WINDOW_REQUESTS, FEW_REQUESTS];
    let least: Shared | undefined;
    for (const shared of this.#shared) {
      if (shared.connection.failure !== undefined || shared.alone) continue;
      if (least === undefined || shared.requests < least.requests) least = shared;
    }
    if (least === undefined || least.requests >= few) this.#open(alone);
    if (least === undefined || least.requests >= window) return undefined;
    // Else those that share the last connections would never leave one to it.
    if (!alone && this.#waiting.alone.length > 0 && this.#shared.length >= this.#limit) {
      return undefined;
    }
    least.requests++;
    least.alone = alone;
    return least;
  }

  #turn(queue: Waiting[], signal: AbortSignal | undefined): Promise<Shared> {
    const { promise, resolve, reject } = Promise.withResolvers<Shared>();
    const waiting = { resolve, reject };
    queue.push(waiting);
    const stop = () => {
      const index = queue.indexOf(waiting);
      if (index < 0) return;
      queue.splice(index, 1);
      reject(new Interrupted());
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop);
    return promise.finally(() => signal?.removeEventListener("abort", stop));
  }

  #giveBack(shared: Shared): void {
    if (shared.requests === 0) shared.alone = false;
    if (shared.connection.failure !== undefined) this.#remove(shared);
    this.#serveWaiting();
    if (shared.requests === 0 && this.#remove(shared)) this.source.release(shared.connection);
  }

  #remove(shared: Shared): boolean {
    const index = this.#shared.indexOf(shared);
    if (index < 0) return false;
    this.#shared.splice(index, 1);
    if (this.#shared.length === 0) this.#limit = Infinity;
    return true;
  }

  #serveWaiting(): void {
    for (const alone of [true, false]) {
      const waiting = this.#waitingFor(alone);
      while (waiting.length > 0) {
        const shared = this.#take(alone);
        if (shared === undefined) break;
        waiting.shift()!.resolve(shared);
      }
    }
  }

  async #open(alone: boolean): Promise<void> {
    const ofKind = this.#shared.filter((shared) => shared.alone === alone).length;
    if (this.#opening || ofKind >= MAX_CONNECTIONS || this.#shared.length >= this.#limit) return;
    this.#opening = true;
    let opened: Shared | undefined;
    try {
      opened = { connection: await this.source.acquire(), requests: 0, alone: false };
      this.#shared.push(opened);
    } catch (error) {
      // Requests continue over the existing connections, if any, and no other one is tried.
      this.#limit = Math.max(1, this.#shared.length);
      if (this.#shared.length === 0) {
        for (const queue of Object.values(this.#waiting)) {
          for (const { reject } of queue.splice(0)) reject(error);
        }
        this.#limit = Infinity;
      }
    } finally {
      this.#opening = false;
    }
    if (opened === undefined) this.#serveWaiting();
    else this.#giveBack(opened);
  }
}
