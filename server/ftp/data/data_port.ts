/** Where the next data connection comes from or goes to, and how it is protected. */
import type { SecureContext } from "node:tls";
import type { HostPort } from "./address.ts";
import { closeNow } from "../../listener/linger.ts";
import { type Channel, PlainChannel } from "../../tls/channel.ts";
import { Compression } from "./deflate_channel.ts";
import { Deadline } from "../../listener/deadline.ts";
import { PassivePort } from "./passive.ts";
import { ReplyError } from "../context/reply.ts";
import { TlsChannel } from "../../tls/tls_channel.ts";

/** Names of the protocol in TLS (RFC 7301): content that is sent here must reach no browser as a page. */
const ALPN = ["ftp-data", "ftp"];
/** Timeout for opening: the connection of active transfers, and the TLS handshake. */
const OPEN_MS = 15_000;

/** Address and protection of the next data connection of a session. */
export class DataPort {
  readonly compression = new Compression();
  #passive: PassivePort | undefined;
  #active: HostPort | undefined;
  /** Gives the place of the next connection back. */
  #leave: (() => void) | undefined;

  /** @param admit asks for a place for a connection (`DoorLimits.admitData`) */
  constructor(private readonly admit: () => (() => void) | undefined) {}

  /**
   * Makes sure that a transfer may be begun.
   *
   * @param mayBegin whether data goes over TLS, or may go without
   * @throws {ReplyError} 521; 425 unless `PASV`, `EPSV`, `PORT` or `EPRT` named a connection
   */
  require(mayBegin: boolean): void {
    if (!mayBegin) {
      throw new ReplyError(521, "Data goes over TLS here: send PBSZ 0 and PROT P first");
    }
    if (this.#passive === undefined && this.#active === undefined) {
      throw new ReplyError(425, "Use PASV, EPSV, PORT or EPRT first");
    }
  }

  /**
   * Waits for the next connection at a port.
   *
   * @returns the port
   * @throws {ReplyError} 425
   */
  async listen(open: () => Promise<PassivePort>): Promise<number> {
    this.clear(); // its port may be the one that is needed
    this.#enter();
    try {
      this.#passive = await open();
    } catch (error) {
      this.clear();
      throw error;
    }
    return this.#passive.port;
  }

  connectTo(place: HostPort): void {
    this.clear();
    this.#active = place;
  }

  /**
   * Opens the connection, which serves one transfer.
   *
   * @param secure TLS with this certificate; undefined: plain
   * @param readBytes size of each read
   * @throws {ReplyError} 425
   */
  async open(secure: SecureContext | undefined, readBytes: number): Promise<Channel> {
    const connection = await this.#connect();
    const leave = this.#leave;
    this.#leave = undefined; // it is the channel's now
    this.clear();
    connection.setNoDelay(true);
    try {
      const channel = secure === undefined
        ? new PlainChannel(connection, readBytes)
        : await TlsChannel.accept(connection, secure, {
          timeoutMs: OPEN_MS,
          readBytes,
          alpn: ALPN,
        });
      channel.closed.then(leave);
      return this.compression.around(channel);
    } catch (error) {
      leave?.();
      const reason = error instanceof Error ? error.message : String(error);
      throw new ReplyError(425, `The data connection's TLS handshake failed: ${reason}`);
    }
  }

  /** Drops the named port; a transfer that waits for its connection gets 425. */
  clear(): void {
    this.#passive?.close();
    this.#passive = this.#active = undefined;
    this.#leave?.();
    this.#leave = undefined;
  }

  /** @throws {ReplyError} 425 */
  #enter(): void {
    this.#leave ??= this.admit();
    if (this.#leave !== undefined) return;
    throw new ReplyError(425, "Too many connections; try again later");
  }

  async #connect(): Promise<Deno.TcpConn> {
    if (this.#passive !== undefined) return await this.#passive.connection();
    if (this.#active === undefined) throw new ReplyError(425, "Use PASV, EPSV, PORT or EPRT first");
    const { host: hostname, port } = this.#active;
    this.#enter();
    const connecting = Deno.connect({ hostname, port });
    const { promise: late, reject } = Promise.withResolvers<never>();
    const deadline = new Deadline(OPEN_MS, () => {
      connecting.then(closeNow, () => {});
      reject(new Error("It took too long"));
    });
    try {
      return await Promise.race([connecting, late]);
    } catch {
      throw new ReplyError(425, `Cannot connect to port ${port} of ${hostname}`);
    } finally {
      deadline.cancel();
    }
  }
}
