import { Duplex } from "node:stream";
import { free } from "../../buffers/pool.ts";

/** Encrypted bytes on their way out beyond which the next ones wait for the network. */
const HIGH_WATER_BYTES = 192 * 1024;

/**
 * The stream that `node:tls` gets for a connection that our code reads: bytes come in by
 * `emit("data")` and go out by `write`. It has only the parts that `node:tls` uses; it does not
 * buffer reads, so that one buffer can serve all reads.
 */
export class RawStream extends Duplex {
  /** Resolves when all written bytes have been sent; never rejects. */
  written: Promise<void> = Promise.resolve();
  #queuedBytes = 0;
  #failed = false;

  /** @param onFailure called once, when the connection can take no more bytes */
  constructor(
    readonly connection: Deno.TcpConn,
    readonly onFailure: (error: unknown) => void,
  ) {
    super();
  }

  override write(bytes: Uint8Array, ...rest: unknown[]): boolean {
    const done = rest.at(-1);
    const idle = this.#queuedBytes === 0;
    this.#queuedBytes += bytes.length;
    const mine = idle ? this.#send(bytes) : this.written.then(() => this.#send(bytes));
    this.written = mine;
    if (typeof done === "function") {
      if (this.#queuedBytes < HIGH_WATER_BYTES) queueMicrotask(() => done());
      else mine.then(() => done());
    }
    return true;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length && !this.#failed;) {
        done += await this.connection.write(bytes.subarray(done));
      }
    } catch (error) {
      this.#failed = true;
      this.onFailure(error);
    } finally {
      this.#queuedBytes -= bytes.length;
      free(bytes);
    }
  }

  /** No effect: the reader of the connection pushes bytes. */
  override _read(): void {}

  /** No effect: the reader closes the connection once close_notify has left. */
  override destroy(): this {
    return this;
  }
  override end(): this {
    return this;
  }
}
