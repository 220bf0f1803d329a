import { deadline } from "@std/async";

/** Interval at which open connections are checked for peers that are silent. */
const CHECK_MS = 500;
/** While a door closes: interval at which busy connections are checked again. */
const AGAIN_MS = 100;

/** How a door treats its connections. */
export interface ConnectionCare<C> {
  /** Called for each connection twice a second: drops it where its peer was silent for too long. */
  check(connection: C): void;
  /** Whether a connection is to finish its work before it is stopped. */
  isBusy(connection: C): boolean;
  /** Stops a connection in good order; its upload is kept. Called once for each. */
  stop(connection: C): Promise<void>;
  /** Ends a connection as if the network had. */
  drop(connection: C): void;
  /** Whether connections that are left when the grace is over are dropped instead of stopped. */
  readonly dropsLate: boolean;
}

/** The connections that a door serves, from their admission to the end of the door. */
export class OpenConnections<C> {
  readonly #served = new Map<C, Promise<void>>();
  readonly #stopped = new Set<C>();
  /** Runs while there are connections. */
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly care: ConnectionCare<C>) {}

  /** Number of connections. */
  get size(): number {
    return this.#served.size;
  }

  /** Keeps a connection until it has been served. */
  async add(connection: C, served: Promise<void>): Promise<void> {
    this.#served.set(connection, served);
    this.#timer ??= setInterval(() => this.#check(), CHECK_MS);
    try {
      await served;
    } finally {
      this.#served.delete(connection);
      this.#stopped.delete(connection);
      if (this.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  /**
   * Stops all connections, busy ones when they have finished or `graceMs` later. Several calls may
   * run at once: the shortest grace counts.
   */
  async close(graceMs: number): Promise<void> {
    const endMs = performance.now() + graceMs;
    this.#stop((connection) => !this.care.isBusy(connection));
    for (let left = graceMs; this.size > 0 && left > 0; left = endMs - performance.now()) {
      const ended = Promise.allSettled(this.#served.values());
      await deadline(ended, Math.min(AGAIN_MS, left)).catch(() => {}); // checked again below
      this.#stop((connection) => !this.care.isBusy(connection));
    }
    if (this.care.dropsLate) {
      for (const left of this.#served.keys()) this.care.drop(left);
    } else this.#stop(() => true);
    await Promise.allSettled(this.#served.values());
  }

  #check(): void {
    for (const connection of this.#served.keys()) this.care.check(connection);
  }

  /** Stops connections, each once. One whose peer is silent delays no other. */
  #stop(which: (connection: C) => boolean): void {
    for (const connection of this.#served.keys()) {
      if (this.#stopped.has(connection) || !which(connection)) continue;
      this.#stopped.add(connection);
      this.care.stop(connection).catch(() => this.care.drop(connection));
    }
  }
}
