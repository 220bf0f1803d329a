/** A tar that is written to a file piece by piece; names and sizes of any length (pax). */
import { pack } from "tar-stream";

/** Header of a tar entry. */
export interface TarHeader {
  name: string;
  size: number;
  mode: number;
  mtime: Date;
  /** @default file */
  type?: "directory";
}

/** The part of tar-stream's writer that is used here. */
interface TarPack extends AsyncIterable<Uint8Array> {
  entry(
    header: TarHeader & { pax: Record<string, string> },
    done: (error?: Error | null) => void,
  ): TarEntry;
  finalize(): void;
}

interface TarEntry {
  write(bytes: Uint8Array): boolean;
  end(): void;
  once(event: "drain", listener: () => void): void;
}

/** Writes the entries of one tar, in the order in which they are added. */
export class TarWriter {
  readonly #file: Deno.FsFile;
  readonly #tar = pack() as unknown as TarPack;
  readonly #writing: Promise<number>;

  /** @param path a new file, mode 600 */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    this.#writing = this.#write();
    this.#writing.catch(() => {}); // the next call throws it
  }

  /** Adds an entry. `pieces` must give exactly `header.size` bytes. */
  async add(header: TarHeader, pieces: Iterable<Uint8Array>): Promise<void> {
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    done.catch(() => {});
    // Whole seconds would make each file look like another one than the catalog knows.
    const seconds = header.mtime.getTime() / 1000;
    const pax = { mtime: seconds.toFixed(3) };
    // The plain header holds no time before 1970; the one above counts.
    const mtime = seconds < 0 ? new Date(0) : header.mtime;
    const entry = this.#tar.entry(
      { ...header, mtime, pax },
      (error) => error ? reject(error) : resolve(),
    );
    for (const piece of pieces) {
      if (entry.write(piece)) continue;
      await this.#orFailure(new Promise<void>((go) => entry.once("drain", go)));
    }
    entry.end();
    await this.#orFailure(done);
  }

  /** Ends the tar and brings it to the disk. @returns its size in bytes */
  async finish(): Promise<number> {
    this.#tar.finalize();
    return await this.#writing;
  }

  /** Waits for something, but no longer than the file can be written. */
  async #orFailure(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.#writing]);
  }

  async #write(): Promise<number> {
    let size = 0;
    try {
      for await (const bytes of this.#tar) {
        for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
        size += bytes.length;
      }
      this.#file.syncSync();
    } finally {
      this.#file.close();
    }
    return size;
  }
}
