import { buffers, type LentBytes } from "../../buffers/pool.ts";
import { Deadline } from "../listener/deadline.ts";
import { closeNow } from "../listener/linger.ts";

/** The bytes of a connection, in plain or within TLS: read, written and ended in the same way. */
export interface Channel {
  /**
   * The next bytes, or null at the end. The caller releases them once it is done with them.
   *
   * @throws where the connection broke
   */
  read(): Promise<LentBytes | null>;
  /** Writes all of `bytes`; they are the channel's until the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Whether the peer announced the end that `read` returned: a cut connection ends without
   * announcement.
   */
  readonly endedCleanly: boolean;
  /**
   * Sends all remaining bytes and announces the end; bytes that the peer still sends are dropped.
   */
  end(): Promise<void>;
  /** Closes at once, as if the network had. */
  drop(): void;
  /** Resolves when it is closed and its descriptor is free: after an `end`, that takes a moment. */
  readonly closed: Promise<void>;
}

/**
 * Limits, in time and bytes, of reading after the end, so that no reset overtakes the last bytes
 * sent (RFC 1122 section 4.2.2.13).
 */
export const LINGER_MS = 2000;
/** Maximum of bytes read after the end. */
export const LINGER_BYTES = 4 * 1024 * 1024;

/** Size of a read, and its minimum under a rate limit: a TLS record. */
export const READ_BYTES = 256 * 1024;
/** Minimum size of a read under a rate limit: a TLS record. */
export const MIN_READ_BYTES = 16 * 1024;

/**
 * A connection without TLS. Its end cannot be distinguished from a cut: every FIN counts as an end.
 */
export class PlainChannel implements Channel {
  endedCleanly = false;
  readonly #closed = Promise.withResolvers<void>();
  readonly #readBytes: number;

  constructor(readonly connection: Deno.TcpConn, readBytes = READ_BYTES) {
    this.#readBytes = readBytes;
  }

  async read(): Promise<LentBytes | null> {
    const buffer = buffers.take(this.#readBytes);
    try {
      const count = await this.connection.read(buffer.bytes);
      if (count !== null) return buffer.first(count);
      this.endedCleanly = true;
    } catch (error) {
      buffer.release();
      throw error;
    }
    buffer.release();
    return null;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.connection.write(bytes.subarray(done));
    }
  }

  async end(): Promise<void> {
    try {
      await this.connection.closeWrite();
    } catch {
      return this.drop(); // the peer was quicker
    }
    linger(this);
  }

  drop(): void {
    closeNow(this.connection);
    this.#closed.resolve();
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }
}

/** Reads what the peer still sends, for a bounded time, and closes. */
async function linger(channel: PlainChannel): Promise<void> {
  const deadline = new Deadline(LINGER_MS, () => channel.drop());
  try {
    for (let left = LINGER_BYTES; left > 0;) {
      const piece = await channel.read();
      if (piece === null) break;
      left -= piece.bytes.length;
      piece.release();
    }
  } catch {
    // closed by the peer, or too late
  } finally {
    deadline.cancel();
    channel.drop();
  }
}
