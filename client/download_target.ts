/** Where a download is written: a `.part` file that gets its name when it is proved, or stdout. */
import { needRead, needWrite } from "./environment.ts";
import { ClientError, ExitCode, localError } from "./error.ts";
import { partPath } from "./local_path.ts";
import type { PrefixHash } from "./prefix.ts";
import { quoted } from "./text.ts";

/** What a download is written to. */
export interface DownloadTarget {
  /** Absolute local path; undefined for a stream. */
  readonly path: string | undefined;
  /** How messages call it. */
  readonly title: string;
  /** Takes up and hashes what an earlier try left, if anything. */
  takeUp(hash: PrefixHash): Promise<void>;
  /** Makes ready to write. */
  begin(): void;
  write(bytes: Uint8Array): void;
  /** Drops what was written, to begin anew. */
  reset(): void;
  /** All was written and proved: gives the file its name. */
  publish(mtime: number): Promise<void>;
  /** Keeps what was written for another time. */
  keep(): Promise<void>;
  /** Removes what was written. */
  discard(): void;
}

const TOO_LATE = 8.64e15; // the last millisecond that a Date can hold

/** The error of a local file that is there already. */
export function existsError(path: string): ClientError {
  return new ClientError(
    `Cannot download to ${quoted(path)}: it exists. Add --overwrite to replace it`,
    { exitCode: ExitCode.conflict, filename: path },
  );
}

/** A local file. */
export class FileTarget implements DownloadTarget {
  /** The `.part` file. */
  readonly part: string;
  #file: Deno.FsFile | undefined;

  /** @param path absolute local path */
  constructor(readonly path: string, readonly overwrite: boolean) {
    this.part = partPath(path);
  }

  get title(): string {
    return this.path;
  }

  /** @throws {ClientError} with exit code 8 where the name is taken */
  needFree(): void {
    needWrite(this.path);
    needWrite(this.part);
    needRead(this.path);
    needRead(this.part);
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw localError(error, `Cannot download to ${quoted(this.path)}`, this.path);
    }
    if (!this.overwrite) throw existsError(this.path);
    if (info.isDirectory) {
      throw new ClientError(`Cannot download to ${quoted(this.path)}: it is a directory`, {
        exitCode: ExitCode.conflict,
        filename: this.path,
      });
    }
  }

  async takeUp(hash: PrefixHash): Promise<void> {
    if (this.#file !== undefined || !isRegularFile(this.part)) return;
    await this.#local(async () => {
      const file = Deno.openSync(this.part, { read: true, write: true });
      this.#file = file;
      await hash.goTo(file.statSync().size, {
        read: (into: Uint8Array) => file.readSync(into) ?? 0,
        seek: (offset: number) => void file.seekSync(offset, Deno.SeekMode.Start),
      });
    });
  }

  begin(): void {
    this.#localSync(() => this.#file ??= createFresh(this.part));
  }

  write(bytes: Uint8Array): void {
    this.#localSync(() => writeWhole(this.#file!, bytes));
  }

  reset(): void {
    this.#localSync(() => {
      this.#file?.truncateSync(0);
      this.#file?.seekSync(0, Deno.SeekMode.Start);
    });
  }

  async publish(mtime: number): Promise<void> {
    await this.#local(async () => {
      const file = this.#file!;
      await file.sync();
      // Another process may have taken the part's name meanwhile; its content is not ours.
      const mine = file.statSync();
      const there = Deno.lstatSync(this.part);
      if (mine.ino !== there.ino || mine.dev !== there.dev) {
        throw new Error("another process is downloading to the same place");
      }
      setTime(file, mtime);
      file.close();
      this.#file = undefined;
      giveName(this.part, this.path, this.overwrite);
    });
  }

  async keep(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      await file.syncData();
    } finally {
      file.close();
    }
  }

  discard(): void {
    if (this.#file === undefined) return;
    this.#file.close();
    this.#file = undefined;
    try {
      Deno.removeSync(this.part);
    } catch {
      // Gone already.
    }
  }

  async #local(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw localError(error, `Cannot write ${quoted(this.path)}`, this.path);
    }
  }

  #localSync(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      throw localError(error, `Cannot write ${quoted(this.path)}`, this.path);
    }
  }
}

/** Writes a small file whole under its part's name; `giveName` follows once it is proved. */
export function writeSmall(part: string, bytes: Uint8Array, mtime: number): void {
  const file = createFresh(part);
  try {
    writeWhole(file, bytes);
    file.syncSync();
    setTime(file, mtime);
  } finally {
    file.close();
  }
}

/**
 * Gives a finished part its name, in one step that never replaces a file unless it is told to.
 *
 * @throws {ClientError} with exit code 8 where the name is taken
 */
export function giveName(part: string, path: string, overwrite: boolean): void {
  if (overwrite) return Deno.renameSync(part, path);
  try {
    Deno.linkSync(part, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw existsError(path);
    // A file system without hard links: reserve the name, then put the part in its place.
    Deno.openSync(path, { write: true, createNew: true }).close();
    return Deno.renameSync(part, path);
  }
  Deno.removeSync(part);
}

/** A new file in place of whatever has the name; a symbolic link there is not followed. */
function createFresh(path: string): Deno.FsFile {
  const options = { read: true, write: true, createNew: true };
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  Deno.removeSync(path);
  return Deno.openSync(path, options);
}

function isRegularFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

function setTime(file: Deno.FsFile, mtime: number): void {
  if (Number.isSafeInteger(mtime) && mtime >= 0 && mtime < TOO_LATE) {
    file.utimeSync(new Date(), new Date(mtime));
  }
}

/** Writes all bytes, however many writes it takes. */
export function writeWhole(
  file: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  let done = file.writeSync(bytes);
  while (done < bytes.length) done += file.writeSync(bytes.subarray(done));
}

/** A stream such as standard output. */
export class StreamTarget implements DownloadTarget {
  readonly path = undefined;
  #written = false;

  constructor(
    readonly stream: { writeSync(bytes: Uint8Array): number },
    readonly title = "standard output",
  ) {}

  takeUp(): Promise<void> {
    return Promise.resolve();
  }

  begin(): void {}

  write(bytes: Uint8Array): void {
    this.#written = true;
    try {
      writeWhole(this.stream, bytes);
    } catch (error) {
      throw localError(error, `Cannot write to ${this.title}`);
    }
  }

  reset(): void {
    if (!this.#written) return;
    throw new ClientError(
      `The file at the server changed while it was written to ${this.title}: what was written is not whole`,
      { exitCode: ExitCode.conflict },
    );
  }

  publish(): Promise<void> {
    return Promise.resolve();
  }

  keep(): Promise<void> {
    return Promise.resolve();
  }

  discard(): void {}
}
