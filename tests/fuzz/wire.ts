/** A TLS connection whose received bytes are gathered, to be compared with what may come. */
import { concat } from "@std/bytes";
import { within } from "./world.ts";

/** TLS connection with a buffer of what was received. */
export class Wire implements Disposable {
  received = new Uint8Array(0);
  ended = false;
  #changed = Promise.withResolvers<void>();

  private constructor(readonly connection: Deno.TlsConn) {
    this.#read();
  }

  static async connect(port: number, caText: string, alpn: string[] = []): Promise<Wire> {
    const options = { hostname: "localhost", port, caCerts: [caText], alpnProtocols: alpn };
    return new Wire(await Deno.connectTls(options));
  }

  /** Sends all; nothing happens where the connection has ended. */
  async send(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
    } catch {
      this.ended = true;
    }
  }

  /** Waits until a condition holds for what came, or the connection ends. @returns whether it did */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (!holds() && !this.ended) {
      const left = deadline - performance.now();
      if (left <= 0 || await within(left, this.#changed.promise) === "late") break;
    }
    return holds();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count; (count = await this.connection.read(buffer)) !== null;) {
        this.received = concat([this.received, buffer.subarray(0, count)]);
        this.#wake();
      }
    } catch {
      // reset by the peer, or closed here
    }
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch {
      // closed already
    }
  }
}
