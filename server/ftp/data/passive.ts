/** Passive data connections (RFC 959 section 3.2, RFC 2428): listening for one, from one address. */
import { delay } from "@std/async";
import { endedBeforeAccept } from "../../listener/acceptor.ts";
import { plainAddress } from "../../auth/origin.ts";
import { closeNow } from "../../listener/linger.ts";
import { type Client, proxiedClient, type TrustsProxy } from "../../listener/proxied.ts";
import { Deadline } from "../../listener/deadline.ts";
import { ReplyError } from "../context/reply.ts";
import type { FtpSettings } from "../context/settings.ts";

/** How long a client may take to connect once its transfer has begun. */
const CONNECT_MS = 30_000;
/** Number of retries, and the pause between them, when all ports of the range are in use. */
const FREEING_TRIES = 5;
const FREEING_MS = 10;

/** Maximum of connections of proxies whose header is read at the same time. */
const MAX_UNKNOWN = 16;

/** Address whose connection is waited for. */
export interface WantedClient {
  /** The client's own address, without port. */
  readonly address: string;
  /** Proxies whose connections begin with a PROXY header, which names the client. */
  readonly trustsProxy?: TrustsProxy | undefined;
}

/**
 * One port that waits for one connection from the client's own address. Connections from other
 * addresses are dropped and the wait continues, so that no other client can take the connection.
 */
export class PassivePort {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #found = Promise.withResolvers<Deno.TcpConn>();
  /** The connection, if it arrived before the transfer began. */
  #connection: Deno.TcpConn | undefined;
  #closed = false;
  #taken = false;
  #listening = true;
  #unknown = 0;

  private constructor(listener: Deno.TcpListener, private readonly wanted: WantedClient) {
    this.#listener = listener;
    this.port = listener.addr.port;
    this.#found.promise.catch(() => {}); // there may be no waiter yet
    this.#accept();
  }

  /**
   * Listens at the address that the control connection came to.
   *
   * @throws {ReplyError} 425 where every port of the range is in use
   */
  static async open(
    hostname: string,
    wanted: WantedClient,
    range: FtpSettings["passivePorts"],
  ): Promise<PassivePort> {
    if (range === null) return new PassivePort(Deno.listen({ hostname, port: 0 }), wanted);
    for (let tries = 0; tries < FREEING_TRIES; tries++) {
      const listener = listenWithin(hostname, range);
      if (listener !== undefined) return new PassivePort(listener, wanted);
      // A port that was just closed is free a moment later.
      await delay(FREEING_MS);
    }
    throw new ReplyError(425, "All ports for data connections are in use; try again later");
  }

  /** The client's connection. @throws {ReplyError} 425 where it does not come in time */
  async connection(): Promise<Deno.TcpConn> {
    if (this.#connection !== undefined) {
      this.#taken = true;
      return this.#connection;
    }
    const deadline = new Deadline(CONNECT_MS, () => this.close());
    try {
      const connection = await this.#found.promise;
      this.#taken = true;
      return connection;
    } finally {
      deadline.cancel();
    }
  }

  /** Stops waiting; closes a connection that no transfer has taken. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    if (this.#connection === undefined) {
      this.#found.reject(new ReplyError(425, "No data connection came"));
    } else if (!this.#taken) {
      // A transfer that waits for the connection takes it first.
      queueMicrotask(() => this.#taken || closeNow(this.#connection!));
    }
  }

  async #accept(): Promise<void> {
    try {
      while (this.#listening) {
        const connection = await this.#next();
        const client = proxiedClient(connection, this.wanted.trustsProxy);
        // Others come while a proxy's header is waited for.
        if (client !== undefined) this.#identify(connection, client);
        else this.#judge(connection, connection.remoteAddr.hostname);
      }
    } catch (error) {
      this.#found.reject(error); // closed, or out of file descriptors
    } finally {
      this.#stop();
    }
  }

  async #identify(
    connection: Deno.TcpConn,
    client: () => Promise<Client | undefined>,
  ): Promise<void> {
    if (this.#unknown >= MAX_UNKNOWN) return closeNow(connection);
    this.#unknown++;
    const { address } = await client() ?? {};
    this.#unknown--;
    if (address !== undefined) this.#judge(connection, address);
  }

  /** Takes the first connection of the client, and closes any other. */
  #judge(connection: Deno.TcpConn, address: string): void {
    const isWanted = plainAddress(address) === this.wanted.address;
    if (!isWanted || this.#connection !== undefined || this.#closed) return closeNow(connection);
    this.#connection = connection;
    this.#found.resolve(connection);
    this.#stop();
  }

  /** The next connection; those that were reset before they could be accepted are passed over. */
  async #next(): Promise<Deno.TcpConn> {
    while (true) {
      try {
        return await this.#listener.accept();
      } catch (error) {
        if (!endedBeforeAccept(error)) throw error;
      }
    }
  }

  #stop(): void {
    if (this.#listening) this.#listener.close();
    this.#listening = false;
  }
}

/** Where the last search for a free port ended: ports are given out in turn. */
let lastOffset = Math.floor(Math.random() * 65_536);

/** Listens at a port of the range; undefined where all are in use. */
function listenWithin(
  hostname: string,
  { first, last }: NonNullable<FtpSettings["passivePorts"]>,
): Deno.TcpListener | undefined {
  const count = last - first + 1;
  for (let tries = 0; tries < count; tries++) {
    lastOffset++;
    try {
      return Deno.listen({ hostname, port: first + lastOffset % count });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  return undefined;
}
