/** The native door: TLS connections with the protocol of docs/protocol.md. */
import { ALPN, makeReply } from "../../protocol/mod.ts";
import type { Door, DoorOptions } from "../door/door.ts";
import type { Peer } from "../listener/acceptor.ts";
import type { Connection } from "../listener/connection.ts";
import { closeLingering } from "../listener/linger.ts";
import { OpenConnections } from "../listener/open_connections.ts";
import { TlsListener } from "../tls/tls_listener.ts";
import { Outbox } from "./context/outbox.ts";
import { NativeSession } from "./session.ts";

/** Opens the native door. */
export function openNativeDoor(options: DoorOptions): Promise<Door> {
  return Promise.resolve(new NativeDoor(options));
}

class NativeDoor implements Door {
  readonly name = "native";
  readonly host: string;
  readonly port: number;
  readonly #options: DoorOptions;
  readonly #sessions: OpenConnections<NativeSession>;
  readonly #listener: TlsListener;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.host = options.host;
    this.#listener = new TlsListener({ ...options, alpn: ALPN }, {
      serve: (connection, peer) => this.#serve(connection, peer),
      refuse,
    });
    this.port = this.#listener.port;
    const { idleTimeoutMs } = options.limits;
    this.#sessions = new OpenConnections({
      check: (session) => session.overdue(idleTimeoutMs) && session.drop(),
      isBusy: (session) => session.busy,
      stop: (session) => session.shutDown(),
      drop: (session) => session.drop(),
      dropsLate: false,
    });
  }

  reload(cert: string, key: string): Promise<void> {
    return this.#listener.reload(cert, key);
  }

  async close(graceMs: number): Promise<void> {
    this.#listener.close();
    await this.#sessions.close(graceMs);
  }

  async #serve(connection: Connection, peer: Peer): Promise<void> {
    const session = new NativeSession(connection, {
      ...this.#options,
      address: peer.address,
      onLogin: () => peer.setIdentified(true),
    });
    await this.#sessions.add(session, session.run());
  }
}

/** Answers the first request of a connection that there is no place for. */
async function refuse(connection: Connection): Promise<void> {
  await connection.read(new Uint8Array(1024)).catch(() => null); // the client sends first
  const outbox = new Outbox(connection, () => {});
  const data = { message: "Too many connections; try again later", retry_after_ms: 1000 };
  outbox.immediate(makeReply("TOO_MANY", data, undefined));
  await outbox.flush().catch(() => {});
  await closeLingering(connection);
}
