/** The native door: TLS connections that speak the protocol of docs/protocol.md. */
import { getLogger } from "@logtape/logtape";
import { ALPN, makeReply } from "../../protocol/mod.ts";
import type { Door, DoorLimits, DoorOptions } from "../door.ts";
import { afterFailedAccept, refuseFull, refusesMany, shakeHands } from "../acceptor.ts";
import { closeLingering, closeNow } from "../linger.ts";
import { Outbox } from "./outbox.ts";
import { Session } from "./session.ts";

const log = getLogger(["towpath", "native"]);

/** Pause of a listener while many connections are being refused. */
const REFUSING_MS = 100;
/** A listener through which nothing came for so long has nothing waiting in it … */
const DRAIN_MS = 20;
/** … and one that is never silent is closed all the same. */
const MOST_DRAIN_MS = 2000;
/** How often idle connections are looked for. */
const SWEEP_MS = 1000;

/** Opens the native door. */
export function openNativeDoor(options: DoorOptions): Promise<Door> {
  return Promise.resolve(new NativeDoor(options));
}

class NativeDoor implements Door {
  readonly name = "native";
  readonly host: string;
  readonly port: number;
  readonly #options: DoorOptions;
  readonly #limits: DoorLimits;
  readonly #sessions = new Map<Session, Promise<void>>();
  readonly #told = new WeakSet<Session>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  #listener: Deno.TlsListener;
  /** How many connections each listener has accepted. */
  readonly #accepted = new WeakMap<Deno.TlsListener, number>();
  #closed = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.host = options.host;
    this.#listener = this.#listen(options.cert, options.key, options.port);
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#accept(this.#listener);
  }

  async reload(cert: string, key: string): Promise<void> {
    const before = this.#listener;
    // The new listener shares the port before the old one is closed: no connection is refused.
    this.#listener = this.#listen(cert, key, this.port);
    this.#accept(this.#listener);
    await this.#drained(before);
    before.close();
  }

  /**
   * Resolves when nothing has come in by a listener for a moment: what waits in a listener that is
   * closed is reset by the kernel. The timer fires right after the sockets were looked at.
   */
  async #drained(listener: Deno.TlsListener): Promise<void> {
    const deadline = performance.now() + MOST_DRAIN_MS;
    let before: number;
    do {
      before = this.#accepted.get(listener) ?? 0;
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    } while ((this.#accepted.get(listener) ?? 0) !== before && performance.now() < deadline);
  }

  async close(graceMs: number): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#listener.close();
      clearInterval(this.#sweeper);
    }
    const deadline = performance.now() + graceMs;
    this.#shutDown((session) => !session.busy);
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      await Promise.race([
        ...this.#sessions.values(),
        new Promise((resolve) => setTimeout(resolve, Math.min(100, deadline - performance.now()))),
      ]);
      this.#shutDown((session) => !session.busy);
    }
    this.#shutDown(() => true);
    await Promise.allSettled(this.#sessions.values());
  }

  /** Tells sessions, each once, that the server goes down: one that is silent delays no other. */
  #shutDown(which: (session: Session) => boolean): void {
    for (const session of this.#sessions.keys()) {
      if (this.#told.has(session) || !which(session)) continue;
      this.#told.add(session);
      session.shutDown().catch(() => session.drop());
    }
  }

  #listen(cert: string, key: string, port: number): Deno.TlsListener {
    // The port is shared even with one worker, so that `reload` can listen anew.
    const shared = { reusePort: true };
    return Deno.listenTls({
      hostname: this.host,
      port,
      cert,
      key,
      alpnProtocols: [ALPN],
      ...shared,
    });
  }

  async #accept(listener: Deno.TlsListener): Promise<void> {
    while (true) {
      let connection: Deno.TlsConn;
      // What is refused has a descriptor too: more wait in the kernel.
      while (refusesMany()) await pause(REFUSING_MS);
      try {
        connection = await listener.accept();
        this.#accepted.set(listener, (this.#accepted.get(listener) ?? 0) + 1);
      } catch (error) {
        if (listener !== this.#listener || this.#closed) return;
        if (error instanceof Deno.errors.BadResource) return;
        await afterFailedAccept(error, () => this.#limits.relieve());
        continue;
      }
      this.#serve(connection).catch((error) => {
        log.error("A session failed: {error}", { error: String(error), cause: error });
      });
    }
  }

  async #serve(connection: Deno.TlsConn): Promise<void> {
    const address = (connection.remoteAddr as Deno.NetAddr).hostname;
    const admission = this.#limits.admit(address, () => closeNow(connection), false);
    if (!admission.admitted && admission.reason === "address") return connection.close();
    if (!admission.admitted) return await refuseFull(connection, () => refuse(connection));
    try {
      if (!await shakeHands(connection)) return;
      admission.setIdentified(false); // closable from now on
      const session = new Session(connection, {
        ...this.#options,
        address,
        onLogin: () => admission.setIdentified(true),
      });
      const served = session.run();
      this.#sessions.set(session, served);
      await served.finally(() => this.#sessions.delete(session));
    } finally {
      admission.release();
    }
  }

  #sweep(): void {
    for (const session of this.#sessions.keys()) {
      if (session.overdue(this.#limits.idleTimeoutMs)) session.drop();
    }
  }
}

/** Answers the first request of a connection that there is no place for. */
async function refuse(connection: Deno.TlsConn): Promise<void> {
  if (!await shakeHands(connection)) return;
  await connection.read(new Uint8Array(1024)).catch(() => null); // the client speaks first
  const outbox = new Outbox(connection, () => {});
  const data = { message: "Too many connections; try again later", retry_after_ms: 1000 };
  outbox.immediate(makeReply("TOO_MANY", data, undefined));
  await outbox.flush().catch(() => {});
  await closeLingering(connection);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
