/** Where the next data connection comes from or goes to, and how it is protected. */
import type { SecureContext } from "node:tls";
import type { HostPort } from "./address.ts";
import { type Channel, closeNow, PlainChannel } from "./channel.ts";
import { Deadline } from "./deadline.ts";
import { PassivePort } from "./passive.ts";
import { ReplyError } from "./reply.ts";
import { TlsChannel } from "./tls_channel.ts";

/** How long opening takes at most: the connection of active transfers, and the TLS handshake. */
const OPEN_MS = 15_000;

/** See the head of the module. */
export class DataPort {
  #passive: PassivePort | undefined;
  #active: HostPort | undefined;

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

  listen(passive: PassivePort): void {
    this.clear();
    this.#passive = passive;
  }

  connectTo(place: HostPort): void {
    this.clear();
    this.#active = place;
  }

  /**
   * Opens the connection, which serves one transfer.
   *
   * @param secure TLS with this certificate; undefined: plain
   * @param readBytes how many bytes are asked of it at once
   * @throws {ReplyError} 425
   */
  async open(secure: SecureContext | undefined, readBytes: number): Promise<Channel> {
    const connection = await this.#connect();
    this.clear();
    connection.setNoDelay(true);
    if (secure === undefined) return new PlainChannel(connection, readBytes);
    try {
      return await TlsChannel.accept(connection, secure, { timeoutMs: OPEN_MS, readBytes });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ReplyError(425, `The data connection's TLS handshake failed: ${reason}`);
    }
  }

  /** Forgets what was named; one that waits is told 425. */
  clear(): void {
    this.#passive?.close();
    this.#passive = this.#active = undefined;
  }

  async #connect(): Promise<Deno.TcpConn> {
    if (this.#passive !== undefined) return await this.#passive.connection();
    if (this.#active === undefined) throw new ReplyError(425, "Use PASV, EPSV, PORT or EPRT first");
    const { host: hostname, port } = this.#active;
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
