/** Connections of `Deno.listenTls`: the quickest way, but Deno decides when it closes them. */
import type { Incoming, Source } from "../listener/acceptor.ts";
import type { Connection } from "../listener/connection.ts";
import { Deadline } from "../listener/deadline.ts";
import type { HeldDescriptors } from "../admission/held_descriptors.ts";
import { closeNow } from "../listener/linger.ts";
import { Listeners } from "../listener/listeners.ts";
import { HANDSHAKE_MS, type TlsOptions } from "./options.ts";

/** How long a closed connection may take to send its last bytes before it counts as stuck. */
const FLUSH_MS = 1000;

/** Listens at a port. */
export class OrdinarySource implements Source<Connection> {
  readonly #listeners: Listeners<Deno.TlsConn>;

  /** @param held counts the descriptors that only peers can free */
  constructor(
    { host: hostname, port, listeners = 1, cert, key, alpn }: TlsOptions,
    private readonly held: HeldDescriptors,
  ) {
    // The port is shared even with one worker, so that another source can take over.
    const shared = { hostname, cert, key, alpnProtocols: [alpn], reusePort: true };
    const listen = (port: number) => Deno.listenTls({ ...shared, port });
    this.#listeners = new Listeners(port, listeners, listen);
  }

  get port(): number {
    return this.#listeners.port;
  }

  async accept(): Promise<Incoming<Connection>> {
    return new OrdinaryIncoming(await this.#listeners.accept(), this.held);
  }

  close(): void {
    this.#listeners.close();
  }
}

class OrdinaryIncoming implements Incoming<Connection> {
  readonly address: string;
  /** Whether the handshake succeeded; settles when Deno can close the connection. */
  readonly #secured: Promise<boolean>;
  readonly #givenUp = Promise.withResolvers<false>();
  #opened: OrdinaryConnection | undefined;

  constructor(private readonly connection: Deno.TlsConn, private readonly held: HeldDescriptors) {
    this.address = (connection.remoteAddr as Deno.NetAddr).hostname;
    const release = held.hold();
    this.#secured = connection.handshake().then(() => true, () => false).finally(release);
  }

  async open(): Promise<Connection | undefined> {
    const late = new Deadline(HANDSHAKE_MS, () => this.close());
    const secured = await Promise.race([this.#secured, this.#givenUp.promise]);
    late.cancel();
    if (secured) return this.#opened = new OrdinaryConnection(this.connection, this.held);
    this.close();
    return undefined;
  }

  close(): void {
    if (this.#opened !== undefined) return this.#opened.close();
    this.#givenUp.resolve(false);
    // Before the handshake, `close` would free nothing, and would not report when it does.
    this.#secured.then(() => closeNow(this.connection));
  }
}

/** After the handshake: as the `Deno.TlsConn` itself, but for the descriptor. */
class OrdinaryConnection implements Connection {
  #closed = false;
  #ended: Promise<void> | undefined;

  constructor(private readonly connection: Deno.TlsConn, private readonly held: HeldDescriptors) {}

  read(into: Uint8Array): Promise<number | null> {
    return this.connection.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#closed) {
      return Promise.reject(new Deno.errors.BadResource("The connection is closed"));
    }
    return this.connection.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#ended ??= this.connection.closeWrite();
  }

  /** Where the peer takes the last bytes, which mostly fit the network's buffers, it is closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const late = new Deadline(FLUSH_MS, () => {
      this.held.holdStuck();
      closeNow(this.connection);
    });
    this.closeWrite().catch(() => {}).finally(() => {
      late.cancel();
      closeNow(this.connection);
    });
  }
}
