/** Where a download is written: a `.part` file that gets its name when it is proved, or stdout. */
import { crc32 } from "node:zlib";
import type { Lease } from "../buffers/pool.ts";
import { needRead, needWrite } from "./environment.ts";
import { ClientError, ExitCode, localError } from "./error.ts";
import { partPath } from "./local_path.ts";
import {
  createFresh,
  existsError,
  giveName,
  isRegularFile,
  setTime,
  writeWhole,
} from "./part_file.ts";
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
  /**
   * Writes the next bytes. A large piece may still be on its way when this resolves: the lease is
   * retained until it is written.
   */
  write(bytes: Uint8Array, lease: Lease): void | Promise<void>;
  /** Resolves once all is written; throws where a write failed. */
  settled(): Promise<void>;
  /** Drops what was written, to begin anew. */
  reset(): void;
  /** All was written and proved: gives the file its name. */
  publish(mtime: number): Promise<void>;
  /** Keeps what was written for another time. */
  keep(): Promise<void>;
  /** Removes what was written. */
  discard(): void;
}

/** Pieces of at least this many bytes are written on another thread, unless that is quick. */
const BACKGROUND_BYTES = 64 * 1024;
/** A write is quick where it is a copy to memory: no more than so long for each MiB. */
const QUICK_MS_PER_MIB = 1;
/** Pieces that go to another thread after one that was not quick, before it is tried again. */
const PATIENT_PIECES = 16;

/** A local file. */
export class FileTarget implements DownloadTarget {
  /** The `.part` file. */
  readonly part: string;
  #file: Deno.FsFile | undefined;
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #patient = 0;

  /** @param path absolute local path */
  constructor(readonly path: string, readonly overwrite: boolean) {
    this.part = partPath(path);
  }

  get title(): string {
    return this.path;
  }

  /**
   * @param looked whether the directory was looked at already, and does not have the name
   * @throws {ClientError} with exit code 8 where the name is taken
   */
  needFree(looked = false): void {
    needWrite(this.path);
    needWrite(this.part);
    needRead(this.path);
    needRead(this.part);
    if (looked) return;
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

  write(bytes: Uint8Array, lease: Lease): void | Promise<void> {
    if (this.#writing) return this.settled().then(() => this.#write(bytes, lease));
    this.#write(bytes, lease);
  }

  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Where writing is slow, large pieces are written on another thread, while they are hashed and the
   * next come in. Where it is quick that costs more than it saves: they leave the processor's cache.
   */
  #write(bytes: Uint8Array, lease: Lease): void {
    if (this.#failure !== undefined) throw this.#failure;
    const large = bytes.length >= BACKGROUND_BYTES;
    if (!large || this.#patient === 0) {
      const begunMs = performance.now();
      this.#localSync(() => writeWhole(this.#file!, bytes));
      const quickMs = QUICK_MS_PER_MIB * bytes.length / 1048576;
      if (large && performance.now() - begunMs > quickMs) this.#patient = PATIENT_PIECES;
      return;
    }
    this.#patient--;
    const file = this.#file!;
    const crc = crc32(bytes);
    lease.retain();
    this.#writing = this.#local(async () => {
      let done = await file.write(bytes);
      while (done < bytes.length) done += await file.write(bytes.subarray(done));
      // The hash is of the bytes as they came: what changed since must not get the file's name.
      if (crc32(bytes) !== crc) throw new Error("its bytes changed in memory; download it again");
    })
      .catch((error) => {
        this.#failure = error;
      })
      .finally(() => {
        lease.release();
        this.#writing = undefined;
      });
  }

  reset(): void {
    this.#localSync(() => {
      this.#file?.truncateSync(0);
      this.#file?.seekSync(0, Deno.SeekMode.Start);
    });
  }

  async publish(mtime: number): Promise<void> {
    await this.settled();
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
    await this.settled().catch(() => {}); // whoever wrote was told
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

  settled(): Promise<void> {
    return Promise.resolve();
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
