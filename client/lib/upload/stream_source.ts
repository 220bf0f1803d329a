import { ClientError, localError } from "../common/error.ts";
import type { UploadSource } from "./upload_source.ts";

const MAX_KEPT_BYTES = 160 * 1024 * 1024;
/**
 * Bytes kept below the released offset: the hash of a prefix may have to be resumed that far back.
 */
const MARGIN_BYTES = 32 * 1024 * 1024;

/**
 * A stream of unknown length, such as standard input. Bytes that the server has not confirmed yet
 * stay in memory (at most 160 MiB), so that the upload survives a lost connection.
 */
export class StreamSource implements UploadSource {
  readonly path: undefined = undefined;
  readonly size: undefined = undefined;
  readonly mtime: undefined = undefined;
  readonly mode: undefined = undefined;
  readonly #stream: { read(into: Uint8Array): Promise<number | null> };
  #kept: Uint8Array[] = [];
  #keptFrom = 0;
  #end = 0;
  #position = 0;

  /** Creates the source of a stream. @param title its name in messages */
  constructor(
    stream: { read(into: Uint8Array): Promise<number | null> },
    readonly title = "standard input",
  ) {
    this.#stream = stream;
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#position < this.#end) return this.#again(into);
    let filled = 0;
    while (filled < into.length) {
      const count = await this.#read(into.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    if (filled > 0) this.#kept.push(into.slice(0, filled));
    this.#position = this.#end += filled;
    while (this.#end - this.#keptFrom > MAX_KEPT_BYTES) this.#drop();
    return filled;
  }

  async #read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#stream.read(into);
    } catch (error) {
      throw localError(error, `Cannot read ${this.title}`);
    }
  }

  seek(offset: number): void {
    if (offset < this.#keptFrom || offset > this.#end) {
      throw new ClientError(`Cannot resume the upload of ${this.title}: it cannot be read again`);
    }
    this.#position = offset;
  }

  /** A stream cannot be seen to change. */
  needUnchanged(): void {}

  release(offset: number): void {
    while (
      this.#kept.length > 0 && this.#keptFrom + this.#kept[0]!.length + MARGIN_BYTES <= offset
    ) {
      this.#drop();
    }
  }

  /** Frees the kept bytes. */
  close(): void {
    this.#kept = [];
  }

  #drop(): void {
    this.#keptFrom += this.#kept.shift()!.length;
  }

  #again(into: Uint8Array): number {
    let start = this.#keptFrom;
    for (const chunk of this.#kept) {
      if (this.#position < start + chunk.length) {
        const from = this.#position - start;
        const count = Math.min(into.length, chunk.length - from);
        into.set(chunk.subarray(from, from + count));
        this.#position += count;
        return count;
      }
      start += chunk.length;
    }
    return 0;
  }
}
