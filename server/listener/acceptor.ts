/** Accepting connections, in one way at all doors: admission, handshake, refusal. */
import { delay } from "@std/async";
import { getLogger } from "@logtape/logtape";
import { Deadline } from "./deadline.ts";
import type { Client } from "./proxied.ts";
import type { DoorLimits, Refusal } from "../admission/door_limits.ts";

/** How long a connection above the maximum stays open, to send it a refusal. */
const REFUSAL_MS = 3000;
/** Connections that are being refused at once; more are closed without a word. */
const MAX_REFUSALS = 32;
/** Pause after a connection could not be accepted: descriptors may have run out. */
const PAUSE_MS = 50;
/** Interval at which that is logged. */
const LOG_MS = 10_000;
/** A listener is empty after this number of checks, with pauses between, without a connection. */
const QUIET = { looks: 3, pauseMs: 2 };
/** Maximum time until a busy listener is closed. */
const MAX_DRAIN_MS = 2000;

const log = getLogger(["towpath", "doors"]);

let refusals = 0;
let loggedMs = -Infinity;

/** A connection that was accepted, before its first byte was read. */
export interface Incoming<C> {
  /** The peer's address, without port. */
  readonly address: string;
  /**
   * Set where the peer is a trusted proxy: reads who the client is; further calls return the same.
   *
   * @returns undefined where the proxy does not say it; the connection is closed
   */
  readonly client?: (() => Promise<Client | undefined>) | undefined;
  /** Set where one connection carries requests of many clients: it is none of one address. */
  readonly isShared?: boolean;
  /** Makes it ready for use. @returns undefined where its peer did not do its part; it is closed */
  open(): Promise<C | undefined>;
  /** Closes it in any state; further calls have no effect. */
  close(): void;
}

/** Where connections come from. */
export interface Source<C> {
  readonly port: number;
  /** @throws where none can be accepted now, or the source is closed */
  accept(): Promise<Incoming<C>>;
  close(): void;
}

/** The client of a connection that was admitted. */
export interface Peer extends Client {
  /** Notes whether it has a login: without one, a new connection may take its place. */
  setIdentified(identified: boolean): void;
}

/** How a door serves and refuses connections. */
export interface Handlers<C> {
  /** Serves one to its end, and closes it. */
  serve(connection: C, peer: Peer): Promise<void>;
  /** Answers one that there is no place for, and closes it. */
  refuse(connection: C): Promise<void>;
  /** Called after each that was accepted. */
  onAccept?(): void;
}

/** Accepts connections from one source until it is closed: admits them, and has them served. */
export class Acceptor<C> {
  /** Number of accepted connections. */
  #count = 0;
  #closeAt = Infinity;
  #closed = false;
  /** Resolves when no more are accepted. */
  readonly #ended: Promise<void>;

  constructor(
    readonly source: Source<C>,
    private readonly limits: DoorLimits,
    private readonly handlers: Handlers<C>,
  ) {
    this.#ended = this.#run();
  }

  /** Closes the source at once; what waits in it is reset by the kernel. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.source.close();
  }

  /**
   * Closes the source once no connection has come for a moment.
   *
   * @param max maximum of connections to accept before
   */
  async drain(max = Infinity): Promise<void> {
    this.#closeAt = this.#count + max;
    const deadline = performance.now() + MAX_DRAIN_MS;
    for (let quiet = 0; quiet < QUIET.looks && !this.#closed;) {
      const before = this.#count;
      // The timer fires right after the sockets were polled.
      await delay(QUIET.pauseMs);
      quiet = this.#count === before ? quiet + 1 : 0;
      if (performance.now() >= deadline) break;
    }
    this.close();
    await this.#ended; // until then the kernel may still give it a connection
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        const incoming = await this.source.accept();
        if (++this.#count >= this.#closeAt) this.close();
        this.#take(incoming);
        this.handlers.onAccept?.();
      } catch (error) {
        if (this.#closed || error instanceof Deno.errors.BadResource) return;
        await afterFailedAccept(error, () => this.limits.relieve());
      }
    }
  }

  async #take(incoming: Incoming<C>): Promise<void> {
    try {
      await this.#admit(incoming);
    } catch (error) {
      log.error("A connection failed: {error}", { error: String(error), cause: error });
      incoming.close();
    }
  }

  async #admit(incoming: Incoming<C>): Promise<void> {
    // Before TLS is paid for. A proxy's connection counts at once, as its client's once that is known.
    const isKnown = incoming.client === undefined && incoming.isShared !== true;
    const address = isKnown ? incoming.address : undefined;
    const admission = this.limits.admit(address, () => incoming.close());
    if (!admission.admitted) return await this.#refuse(incoming, admission.reason);
    try {
      const client = incoming.client === undefined ? incoming : await incoming.client();
      if (client === undefined) return;
      const refusal = await (incoming.client === undefined
        ? admission.elsewhere?.()
        : admission.setAddress(client.address));
      if (refusal !== undefined) {
        return await this.#refuse(incoming, refusal);
      }
      const connection = await incoming.open();
      if (connection === undefined) {
        return;
      }
      const setIdentified = (identified: boolean) =>
        admission.setIdentified(identified);
      const destination = "destination" in client ? client.destination : undefined;
      await this.handlers.serve(connection, {
        address: client.address,
        destination,
        setIdentified,
      });
    } finally {
      admission.release();
    }
  }

  async #refuse(incoming: Incoming<C>, reason: Refusal): Promise<void> {
    if (reason === "address") return incoming.close();
    await refuseFull(incoming, (connection) => this.handlers.refuse(connection));
  }
}

/**
 * Refuses a connection above the maximum. Such connections use descriptors, too: they are closed
 * after 3 s, and at once if there are many.
 *
 * @param say sends the refusal to the peer, and closes the connection
 */
async function refuseFull<C>(
  incoming: Incoming<C>,
  say: (connection: C) => Promise<void>,
): Promise<void> {
  if (refusals >= MAX_REFUSALS) return incoming.close();
  refusals++;
  const deadline = new Deadline(REFUSAL_MS, () => incoming.close());
  try {
    const connection = await incoming.open();
    if (connection !== undefined) await say(connection);
  } catch {
    // the peer was quicker, or the deadline
  } finally {
    deadline.cancel();
    incoming.close();
    refusals--;
  }
}

/**
 * Whether a connection ended before it was accepted: its peer reset it while it waited. Every
 * stranger can cause that, and the listener and this machine are well, so that the next connection
 * is to be accepted at once.
 */
export function endedBeforeAccept(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

/**
 * Waits a moment after a connection could not be accepted, and logs it now and then. A peer that
 * has gone again is no reason for either, and lowers no limit.
 *
 * @param relieve makes room: nothing else is done for lack of descriptors
 */
export async function afterFailedAccept(error: unknown, relieve: () => void): Promise<void> {
  if (endedBeforeAccept(error)) return;
  relieve();
  const nowMs = performance.now();
  if (nowMs - loggedMs > LOG_MS) {
    loggedMs = nowMs;
    log.warn("A connection could not be accepted: {error}", { error: String(error) });
  }
  await delay(PAUSE_MS);
}
