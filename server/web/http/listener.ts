/** Listens for HTTPS: TLS connections that speak HTTP/1.1, admitted before their handshake. */
import { getLogger } from "@logtape/logtape";
import type { DoorLimits } from "../../door.ts";
import { afterFailedAccept, refuseFull, refusesMany, shakeHands } from "../../acceptor.ts";
import { closeLingering, closeNow } from "../../linger.ts";
import { type Answer, HttpConnection } from "./connection.ts";

const log = getLogger(["towpath", "web"]);

/** What a listener is opened with. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
  readonly limits: DoorLimits;
}

/** Pause of a listener while many connections are being refused. */
const REFUSING_MS = 100;
/** A listener through which nothing came for so long has nothing waiting in it … */
const DRAIN_MS = 20;
/** … and one that is never silent is closed all the same. */
const MOST_DRAIN_MS = 2000;
/** How often connections are looked at whose peer lets us wait. */
const SWEEP_MS = 500;
const FULL_TEXT = "Too many connections; try again later\n";
const FULL = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n" +
    `content-type: text/plain\r\ncontent-length: ${FULL_TEXT.length}\r\n\r\n${FULL_TEXT}`,
);

/** See the head of the module. */
export class HttpsListener {
  readonly port: number;
  #listener: Deno.TlsListener;
  readonly #connections = new Map<HttpConnection, Promise<void>>();
  /** How many connections each listener has accepted. */
  readonly #accepted = new WeakMap<Deno.TlsListener, number>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  /** Ends with the listener. */
  #accepting: Promise<void>;
  #closed = false;

  constructor(private readonly options: ListenerOptions, private readonly answer: Answer) {
    this.#listener = this.#listen(options.cert, options.key, options.port);
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#accepting = this.#accept(this.#listener);
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Uses another certificate for new connections; none is refused or dropped. */
  async reload(cert: string, key: string): Promise<void> {
    const [before, accepting] = [this.#listener, this.#accepting];
    this.#listener = this.#listen(cert, key, this.port);
    this.#accepting = this.#accept(this.#listener);
    await this.#drained(before);
    before.close();
    await accepting; // until then the kernel may still give it a connection
  }

  /** Stops accepting, gives requests `graceMs` to be answered, and ends the others. */
  async close(graceMs: number): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#listener.close();
    }
    for (const connection of this.#connections.keys()) connection.shutDown();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const grace = new Promise<void>((resolve) => timer = setTimeout(resolve, graceMs));
    await Promise.race([Promise.allSettled(this.#connections.values()), grace]);
    clearTimeout(timer);
    clearInterval(this.#sweeper);
    for (const connection of this.#connections.keys()) connection.drop();
    await Promise.allSettled(this.#connections.values());
  }

  #listen(cert: string, key: string, port: number): Deno.TlsListener {
    // The port is shared even with one worker, so that `reload` can listen anew.
    const shared = { reusePort: true };
    const hostname = this.options.host;
    return Deno.listenTls({ hostname, port, cert, key, alpnProtocols: ["http/1.1"], ...shared });
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
        await afterFailedAccept(error, () => this.options.limits.relieve());
        continue;
      }
      this.#serve(connection).catch((error) => {
        log.error("A connection failed: {error}", { error: String(error), cause: error });
        closeNow(connection);
      });
    }
  }

  async #serve(connection: Deno.TlsConn): Promise<void> {
    const address = (connection.remoteAddr as Deno.NetAddr).hostname;
    const admission = this.options.limits.admit(address, () => closeNow(connection), false);
    if (!admission.admitted) {
      if (admission.reason === "address") return closeNow(connection);
      return await refuseFull(connection, () => refuse(connection));
    }
    try {
      if (!await shakeHands(connection)) return;
      admission.setIdentified(false); // closable from now on
      const { idleTimeoutMs } = this.options.limits;
      const peer = {
        address,
        setIdentified: (identified: boolean) => admission.setIdentified(identified),
      };
      const served = new HttpConnection(connection, peer, idleTimeoutMs, this.answer);
      if (this.#closed) return closeNow(connection);
      const run = served.run();
      this.#connections.set(served, run);
      await run.finally(() => this.#connections.delete(served));
    } finally {
      admission.release();
    }
  }

  /**
   * Resolves when nothing has come in by a listener for a moment: what waits in a listener that is
   * closed is reset by the kernel.
   */
  async #drained(listener: Deno.TlsListener): Promise<void> {
    const deadline = performance.now() + MOST_DRAIN_MS;
    let before: number;
    do {
      before = this.#accepted.get(listener) ?? 0;
      await pause(DRAIN_MS);
    } while ((this.#accepted.get(listener) ?? 0) !== before && performance.now() < deadline);
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections.keys()) {
      if (connection.deadlineMs < now) connection.drop();
    }
  }
}

/** Answers a connection that there is no place for. */
async function refuse(connection: Deno.TlsConn): Promise<void> {
  if (!await shakeHands(connection)) return;
  await connection.write(FULL);
  await closeLingering(connection);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
