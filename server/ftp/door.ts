/** The FTP door: RFC 959 with the extensions that clients use, over TLS (docs/ftp.md). */
import { Acceptor, type Peer } from "../listener/acceptor.ts";
import { plainAddress } from "../auth/origin.ts";
import type { Door, DoorOptions, ListenerName } from "../door/door.ts";
import { OpenConnections } from "../listener/open_connections.ts";
import { PlainSource } from "../listener/plain_source.ts";
import type { Client } from "../listener/proxied.ts";
import { type Reply, reply } from "./context/reply.ts";
import { FtpSession } from "./session.ts";
import { type FtpSettings, type SecureContexts, secureContexts } from "./context/settings.ts";

export type { FtpSettings };

/** Timeout of the login: `NOOP` must not keep a connection open without one. */
const LOGIN_MS = 120_000;

const GOING_DOWN = reply(421, "The server is going down; uploads can be resumed");
const FULL = reply(421, "Too many connections; try again later");
const SILENT = reply(421, "Nothing came for too long; the connection is closed");

/** Opens the FTP door. */
export function openFtpDoor(options: DoorOptions, settings: FtpSettings): Promise<Door> {
  return Promise.resolve(new FtpDoor(options, settings));
}

class FtpDoor implements Door {
  readonly name: ListenerName;
  readonly host: string;
  readonly port: number;
  readonly #options: DoorOptions;
  readonly #settings: FtpSettings;
  readonly #sessions: OpenConnections<FtpSession>;
  readonly #acceptor: Acceptor<Deno.TcpConn>;
  #secure: SecureContexts;

  constructor(options: DoorOptions, settings: FtpSettings) {
    this.#options = options;
    this.#settings = settings;
    this.name = settings.implicitTls ? "ftps" : "ftp";
    this.host = options.host;
    this.#secure = secureContexts(options.cert, options.key);
    const source = new PlainSource(options);
    this.port = source.port;
    this.#acceptor = new Acceptor(source, options.limits, {
      serve: (connection, peer) => this.#serve(connection, peer),
      refuse: (connection) =>
        this.#session(connection, { address: connection.remoteAddr.hostname })
          .run(Promise.resolve(FULL)),
    });
    this.#sessions = new OpenConnections({
      check: (session) => this.#check(session),
      isBusy: (session) => session.busy,
      stop: (session) => session.stop(GOING_DOWN),
      drop: (session) => session.drop(),
      dropsLate: false,
    });
  }

  reload(cert: string, key: string): void {
    this.#secure = secureContexts(cert, key);
  }

  async close(graceMs: number): Promise<void> {
    this.#acceptor.close();
    await this.#sessions.close(graceMs);
  }

  async #serve(connection: Deno.TcpConn, peer: Peer): Promise<void> {
    const session = this.#session(connection, peer, () => peer.setIdentified(true));
    const refusal = this.#refusal(plainAddress(peer.address));
    await this.#sessions.add(session, session.run(refusal));
  }

  #session(connection: Deno.TcpConn, client: Client, onLogin?: () => void): FtpSession {
    return new FtpSession(connection, client, {
      ...this.#options,
      settings: this.#settings,
      secure: () => this.#secure,
      ...(onLogin && { onLogin }),
    });
  }

  /** Returns the reply that refuses the connection; undefined: it is accepted. */
  async #refusal(address: string): Promise<Reply | undefined> {
    const { authenticator } = this.#options;
    if (!await authenticator.isBarred(address)) return undefined;
    return reply(421, "Too many wrong passwords from this address; try again in 10 minutes");
  }

  #check(session: FtpSession): void {
    const { idleTimeoutMs } = this.#options.limits;
    if (session.control.unreadMs > idleTimeoutMs) session.drop();
    if (session.busy) return;
    const now = performance.now();
    const silent = now - session.lastActivityMs > idleTimeoutMs;
    const stranger = !session.loggedIn && now - session.openedMs > LOGIN_MS;
    if (silent || stranger) session.stop(SILENT).catch(() => session.drop());
  }
}
