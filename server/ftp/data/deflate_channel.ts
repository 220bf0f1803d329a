/**
 * `MODE Z` (draft-preston-ftpext-deflate): the content of a data connection is one zlib stream
 * (RFC 1950). All that is counted elsewhere, such as offsets, sizes, quotas and rates, are bytes of
 * the content.
 */
import { createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { pipeline, Readable } from "node:stream";
import { BASE_BYTES, type LentBytes, OWN } from "../../../buffers/pool.ts";
import type { Channel } from "../../tls/channel.ts";
import { DataConnectionError } from "../failure.ts";

/** Whether and how the data connections of a session are compressed. */
export class Compression {
  /** `MODE Z` was chosen. */
  on = false;
  /** From 0 to 9 (`OPTS MODE Z LEVEL`); at first almost as small as with 6, in a third of its time. */
  level = 3;

  /** The channel of a transfer around that of its connection. */
  around(channel: Channel): Channel {
    return this.on ? new DeflateChannel(channel, this.level) : channel;
  }
}

/** Bytes that are compressed in one go: others have their turn between. */
const SLICE_BYTES = 64 * 1024;
/**
 * Size of the pieces that come out. A few of them are in memory at most, however much the received
 * bytes grow: the next ones are made when these were taken.
 */
const CHUNK_BYTES = BASE_BYTES;

/** Content that is not what was compressed: all that came since the beginning is in doubt. */
export class DamagedContentError extends DataConnectionError {}

/** A data connection whose content is compressed. It carries content in one direction. */
export class DeflateChannel implements Channel {
  endedCleanly = false;
  #inflate: Inflate | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  /** Compressed bytes that have come. */
  #received = 0;
  #deflate: Deflate | undefined;
  #sending: Promise<void> | undefined;

  /** @param level from 0, which compresses nothing, to 9 */
  constructor(private readonly under: Channel, private readonly level: number) {}

  get closed(): Promise<void> {
    return this.under.closed;
  }

  async read(): Promise<LentBytes | null> {
    this.#pieces ??= this.#begin();
    try {
      const { done, value } = await this.#pieces.next();
      if (!done) return { bytes: value, ...OWN };
      if (this.#inflate!.bytesWritten < this.#received) throw damaged("bytes follow its end");
      this.endedCleanly = this.under.endedCleanly;
    } catch (error) {
      const { code } = error as { code?: string };
      // Nothing at all is an empty file to some clients; less than the whole is a cut.
      if (code === "Z_BUF_ERROR") {
        this.endedCleanly = this.#received === 0 && this.under.endedCleanly;
      } else throw code === "Z_DATA_ERROR" ? damaged((error as Error).message) : error;
    }
    return null;
  }

  #begin(): AsyncIterator<Uint8Array> {
    const inflate = this.#inflate = createInflate({ chunkSize: CHUNK_BYTES });
    pipeline(Readable.from(this.#compressed(), { highWaterMark: 1 }), inflate, () => {}); // reported by its reader
    return inflate[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  /** The bytes of the connection, copied: how long they are in use is not known. */
  async *#compressed(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.under.read(); piece !== null; piece = await this.under.read()) {
      const bytes = piece.bytes.slice();
      piece.release();
      this.#received += bytes.length;
      yield bytes;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const deflate = this.#beginSending();
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES);
      const written = new Promise<void>((resolve, reject) =>
        deflate.write(slice, (error) => error ? reject(error) : resolve())
      );
      await this.#orWhySendingFailed(written);
    }
  }

  #beginSending(): Deflate {
    if (this.#deflate === undefined) {
      const deflate = this.#deflate = createDeflate({ level: this.level, chunkSize: CHUNK_BYTES });
      this.#sending = this.#send(deflate);
      this.#sending.catch(() => {}); // reported where it is awaited
    }
    return this.#deflate;
  }

  async #send(deflate: Deflate): Promise<void> {
    for await (const piece of deflate) await this.under.write(piece);
  }

  /** The error of the connection comes first: that of the stream follows from it. */
  async #orWhySendingFailed(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      await this.#sending;
      throw error;
    }
  }

  async end(): Promise<void> {
    if (this.#pieces === undefined) {
      this.#beginSending().end(); // an empty file too is a stream
      await this.#sending;
    }
    await this.under.end();
    this.#free();
  }

  drop(): void {
    this.under.drop();
    this.#free();
  }

  #free(): void {
    this.#inflate?.destroy();
    this.#deflate?.destroy();
  }
}

function damaged(why: string): DamagedContentError {
  return new DamagedContentError(`The compressed data is damaged (${why}): send it again`);
}
