/** The FTP door: RFC 959 with the extensions that clients use, over TLS (docs/ftp.md). */
import { Acceptor, type Peer } from "../listener/acceptor.ts";
import { plainAddress } from "../auth/origin.ts";
import type { Door, DoorOptions, ListenerName } from "../door/door.ts";
import { PlainSource } from "../listener/plain_source.ts";
import { type Reply, reply } from "./reply.ts";
import { FtpSession } from "./session.ts";
import { type FtpSettings, type SecureContexts, secureContexts } from "./settings.ts";

export type { FtpSettings };

/** How often idle connections are looked for. */
const SWEEP_MS = 1000;
/** How long a connection may be without a login: `NOOP` must not keep a stranger's place. */
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
  readonly #sessions = new Map<FtpSession, Promise<void>>();
  readonly #told = new WeakSet<FtpSession>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  readonly #acceptor: Acceptor<Deno.TcpConn>;
  #secure: SecureContexts;
  #closed = false;

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
      refuse: (connection) => this.#session(connection).run(Promise.resolve(FULL)),
    });
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  reload(cert: string, key: string): void {
    this.#secure = secureContexts(cert, key);
  }

  async close(graceMs: number): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#acceptor.close();
      clearInterval(this.#sweeper);
    }
    const deadline = performance.now() + graceMs;
    this.#shutDown((session) => !session.busy);
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const pause = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, Math.min(100, deadline - performance.now()));
      });
      await Promise.race([...this.#sessions.values(), pause]);
      clearTimeout(timer);
      this.#shutDown((session) => !session.busy);
    }
    this.#shutDown(() => true);
    await Promise.allSettled(this.#sessions.values());
  }

  /** Tells sessions, each once, that the server goes down: one that is silent delays no other. */
  #shutDown(which: (session: FtpSession) => boolean): void {
    for (const session of this.#sessions.keys()) {
      if (this.#told.has(session) || !which(session)) continue;
      this.#told.add(session);
      session.stop(GOING_DOWN).catch(() => session.drop());
    }
  }

  async #serve(connection: Deno.TcpConn, peer: Peer): Promise<void> {
    const session = this.#session(connection, () => peer.setIdentified(true));
    const served = session.run(this.#refusal(plainAddress(peer.address)));
    this.#sessions.set(session, served);
    await served.finally(() => this.#sessions.delete(session));
  }

  #session(connection: Deno.TcpConn, onLogin?: () => void): FtpSession {
    return new FtpSession(connection, {
      ...this.#options,
      settings: this.#settings,
      secure: () => this.#secure,
      ...(onLogin && { onLogin }),
    });
  }

  /** What is told in place of a greeting; undefined: the connection is welcome. */
  async #refusal(address: string): Promise<Reply | undefined> {
    const { authenticator } = this.#options;
    if (!await authenticator.isBarred(address)) return undefined;
    return reply(421, "Too many wrong passwords from this address; try again in 10 minutes");
  }

  #sweep(): void {
    const now = performance.now();
    const { idleTimeoutMs } = this.#options.limits;
    for (const session of this.#sessions.keys()) {
      if (session.control.unreadMs > idleTimeoutMs) session.drop();
      if (session.busy) continue;
      const silent = now - session.lastActivityMs > idleTimeoutMs;
      const stranger = !session.loggedIn && now - session.openedMs > LOGIN_MS;
      if (silent || stranger) session.stop(SILENT).catch(() => session.drop());
    }
  }
}
