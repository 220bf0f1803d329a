/** Where the bytes of an upload come from, and whether they are still the same. */
import { ClientError, ExitCode, localError, usageError } from "../common/error.ts";
import { needRead } from "../common/environment.ts";
import { modifiedOf } from "../local/modified.ts";
import { PrefixHash } from "../local/prefix.ts";
import { quoted } from "../../../common/printable.ts";

/** The source of an upload. */
export interface UploadSource {
  /** Absolute local path; undefined for a stream. */
  readonly path: string | undefined;
  /** How messages call it. */
  readonly title: string;
  /** Size in bytes; undefined if it is not known in advance. */
  readonly size: number | undefined;
  /** Modification time in ms since the Unix epoch. */
  readonly mtime: number | undefined;
  /** Mode of the local file; undefined where it has none. */
  readonly mode: number | undefined;
  /** Fills `into` from where the last read ended; fewer bytes only at the end. */
  read(into: Uint8Array): number | Promise<number>;
  /** Goes to an offset in bytes. */
  seek(offset: number): void;
  /**
   * Checks that the content is unchanged since it was opened.
   *
   * @throws {ClientError} with exit code 8 where it is not
   */
  needUnchanged(): void;
  /**
   * Hashes the content again if it may have changed although `needUnchanged` finds nothing: a program
   * can set the modification time back.
   *
   * @param whole SHA-256 in hex of what was sent
   * @throws {ClientError} with exit code 8 where the content is another one now
   */
  needSame?(whole: string): Promise<void>;
  /** Releases bytes before `offset`, which will not be read again. */
  release?(offset: number): void;
  /** Frees what the source holds. */
  close(): void;
}

/** A local file, open for reading, that notices when it is changed meanwhile. */
export class FileSource implements UploadSource {
  readonly #file: Deno.FsFile;
  readonly #begin: Deno.FileInfo;
  /**
   * When the file, its names or its attributes changed last, ms, exact to the second: no program can
   * set it back.
   */
  #ctimeMs: number | undefined;
  /**
   * Bytes when it was opened; undefined where the file system gives 0 for a file with content, as
   * /proc and some FUSE file systems do.
   */
  readonly size: number | undefined;

  private constructor(readonly path: string, file: Deno.FsFile, begin: Deno.FileInfo) {
    this.#file = file;
    this.#begin = begin;
    this.#ctimeMs = begin.ctime?.getTime();
    this.size = begin.size === 0 && this.#hasMore() ? undefined : begin.size;
    this.seek(0);
  }

  /** Opens a file. @throws {ClientError} where it cannot be read or is no regular file */
  static open(path: string): FileSource {
    needRead(path);
    try {
      // Opening a FIFO would wait for its other end, so look first.
      if (!Deno.statSync(path).isFile) throw notRegular(path);
      const file = Deno.openSync(path, { read: true });
      try {
        return new FileSource(path, file, file.statSync());
      } catch (error) {
        file.close();
        throw error;
      }
    } catch (error) {
      throw localError(error, `Cannot read ${quoted(path)}`, path);
    }
  }

  get title(): string {
    return this.path;
  }

  /** Modification time in ms since the Unix epoch when it was opened; negative before 1970. */
  get mtime(): number {
    return modifiedOf(this.#begin);
  }

  get mode(): number | undefined {
    return this.#begin.mode ?? undefined;
  }

  /** Fills `into` from where the last read ended; fewer bytes only at the end of the file. */
  read(into: Uint8Array): number {
    try {
      return fill(this.#file, into);
    } catch (error) {
      throw localError(error, `Cannot read ${quoted(this.path)}`, this.path);
    }
  }

  /** Goes to an offset in bytes. */
  seek(offset: number): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
  }

  /** Checks size, times and identity of the file. @throws {ClientError} with exit code 8 */
  needUnchanged(): void {
    const begin = this.#begin;
    if (this.size === undefined) return; // the size and times of such a file say nothing
    const now = this.#file.statSync();
    let there: Deno.FileInfo | undefined;
    try {
      there = Deno.statSync(this.path);
    } catch {
      // Removed or renamed: the opened file is still whole.
    }
    const replaced = there !== undefined && (there.ino !== begin.ino || there.dev !== begin.dev);
    if (!replaced && now.size === begin.size && now.mtime?.getTime() === begin.mtime?.getTime()) {
      return;
    }
    throw changed(this.path);
  }

  async needSame(whole: string): Promise<void> {
    const ctimeMs = this.#file.statSync().ctime?.getTime();
    // It changes with the file's mode and name too.
    if (this.size === undefined || ctimeMs === this.#ctimeMs) return;
    const hash = new PrefixHash();
    if (!await hash.goTo(this.size, this) || hash.digest() !== whole) throw changed(this.path);
    this.#ctimeMs = ctimeMs;
  }

  #hasMore(): boolean {
    return this.read(new Uint8Array(1)) > 0;
  }

  /** Closes the file. */
  close(): void {
    try {
      this.#file.close();
    } catch {
      // Closed already.
    }
  }
}

/** Fills a buffer from a file's current position; fewer bytes only at the end of the file. */
export function fill(file: Deno.FsFile, into: Uint8Array): number {
  let filled = 0;
  while (filled < into.length) {
    const count = file.readSync(into.subarray(filled));
    if (count === null || count === 0) break;
    filled += count;
  }
  return filled;
}

/** The error of a source that changed while it was sent. */
export function changed(path: string): ClientError {
  return new ClientError(
    `Cannot upload ${
      quoted(path)
    }: it changed while it was sent, so nothing was stored. Upload it again`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

/** The error of something to upload that is no regular file. */
export function notRegular(path: string): ClientError {
  return new ClientError(`Cannot upload ${quoted(path)}: it is not a regular file`, {
    exitCode: ExitCode.conflict,
    filename: path,
  });
}

/** The size of a source in bytes. @throws {ClientError} with exit code 2 where it is not known */
export function knownSize({ size, title }: Pick<UploadSource, "size" | "title">): number {
  if (size !== undefined) return size;
  throw usageError(
    `--if-exists skip needs a file whose size is known beforehand: ${title} has none`,
  );
}
