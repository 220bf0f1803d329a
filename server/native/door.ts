/** The native door: TLS connections that speak the protocol of docs/protocol.md. */
import { ALPN, makeReply } from "../../protocol/mod.ts";
import type { DoorLimits } from "../admission/door_limits.ts";
import type { Door, DoorOptions } from "../door/door.ts";
import type { Peer } from "../listener/acceptor.ts";
import type { Connection } from "../listener/connection.ts";
import { closeLingering } from "../listener/linger.ts";
import { TlsListener } from "../tls/tls_listener.ts";
import { Outbox } from "./outbox.ts";
import { NativeSession } from "./session.ts";

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
  readonly #sessions = new Map<NativeSession, Promise<void>>();
  readonly #told = new WeakSet<NativeSession>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  readonly #listener: TlsListener;
  #closed = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.host = options.host;
    this.#listener = new TlsListener({ ...options, alpn: ALPN }, {
      serve: (connection, peer) => this.#serve(connection, peer),
      refuse,
    });
    this.port = this.#listener.port;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  reload(cert: string, key: string): Promise<void> {
    return this.#listener.reload(cert, key);
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
  #shutDown(which: (session: NativeSession) => boolean): void {
    for (const session of this.#sessions.keys()) {
      if (this.#told.has(session) || !which(session)) continue;
      this.#told.add(session);
      session.shutDown().catch(() => session.drop());
    }
  }

  async #serve(connection: Connection, peer: Peer): Promise<void> {
    const session = new NativeSession(connection, {
      ...this.#options,
      address: peer.address,
      onLogin: () => peer.setIdentified(true),
    });
    const served = session.run();
    this.#sessions.set(session, served);
    await served.finally(() => this.#sessions.delete(session));
  }

  #sweep(): void {
    for (const session of this.#sessions.keys()) {
      if (session.overdue(this.#limits.idleTimeoutMs)) session.drop();
    }
  }
}

/** Answers the first request of a connection that there is no place for. */
async function refuse(connection: Connection): Promise<void> {
  await connection.read(new Uint8Array(1024)).catch(() => null); // the client speaks first
  const outbox = new Outbox(connection, () => {});
  const data = { message: "Too many connections; try again later", retry_after_ms: 1000 };
  outbox.immediate(makeReply("TOO_MANY", data, undefined));
  await outbox.flush().catch(() => {});
  await closeLingering(connection);
}
