/** Targets of downloads: a temporary file that gets its name once it is verified, or a stream. */
import { dirname } from "node:path";
import type { Lease } from "../../../buffers/pool.ts";
import { nodeZlib } from "../common/builtins.ts";
import { type Chmod, modeToSet } from "../local/carried_mode.ts";
import { mayUseAll, needRead, needWrite } from "../common/environment.ts";
import { ClientError, ExitCode, localError } from "../common/error.ts";
import { type Attributes, attributesOf, newFileMode, setAttributes } from "../local/file_mode.ts";
import { isReserved, onlyPartOf } from "../local/own_parts.ts";
import {
  existsError,
  lstat,
  PartFile,
  type PartPlace,
  removePart,
  setTime,
  writeWhole,
} from "../local/part_file.ts";
import type { PrefixHash } from "../local/prefix.ts";
import { findHoles } from "../local/sparse.ts";
import { quoted } from "../../../common/printable.ts";

/** The target of a download. */
export interface DownloadTarget {
  /** Absolute local path; undefined for a stream. */
  readonly path: string | undefined;
  /** Name in messages. */
  readonly title: string;
  /**
   * Takes up and hashes what an earlier run left, if anything.
   *
   * @param remembered the temporary file that the client's state names
   */
  takeUp(hash: PrefixHash, remembered?: PartPlace): Promise<void>;
  /** Makes ready to write. @param superseded a remembered temporary file that is not gone on with */
  begin(superseded?: PartPlace): void;
  /**
   * Writes the next bytes. A large piece may still be on its way when this resolves: the lease is
   * retained until it is written.
   */
  write(bytes: Uint8Array, lease: Lease): void | Promise<void>;
  /** Resolves once all is written; throws where a write failed. */
  settled(): Promise<void>;
  /** Drops the written bytes, to begin again. */
  reset(): void;
  /** All was written and proved: gives the file its name. */
  publish(mtime: number, mode?: number, chmod?: Chmod): Promise<void>;
  /** Keeps the written bytes for a later run. */
  keep(): Promise<void>;
  /** Removes the written bytes. */
  discard(): void;
}

/** Pieces of at least this many bytes are written on another thread, unless that is quick. */
const BACKGROUND_BYTES = 64 * 1024;
/** Maximum time per MiB of a quick write, which is only a copy to memory. */
const QUICK_MS_PER_MIB = 1;
/** Pieces that go to another thread after one that was not quick, before it is tried again. */
const ASYNC_PIECES = 16;

/** A local file. */
export class FileTarget implements DownloadTarget {
  #part: PartFile | undefined;
  /** Bytes that the temporary file has, or will have once what ends in a hole is extended. */
  #offset = 0;
  #endsInHole = false;
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #asyncLeft = 0;

  /**
   * A target for a path.
   *
   * @param path absolute local path
   * @param overwrite whether a file there is replaced
   */
  constructor(readonly path: string, public overwrite: boolean) {}

  get title(): string {
    return this.path;
  }

  /**
   * The temporary file, once there is one.
   *
   * @internal
   */
  get part(): PartPlace | undefined {
    return this.#part && { path: this.#part.path, inode: this.#part.inode };
  }

  /**
   * Checks that the name is free, or may be replaced.
   *
   * @internal
   * @param looked whether the directory was already listed, and does not have the name
   * @param resume whether a name that an earlier run reserved counts as free
   * @returns attributes that the replaced file passes on to the new one
   * @throws {ClientError} with exit code 8 where the name exists
   */
  needFree(looked = false, resume = false): Attributes | undefined {
    const { path } = this;
    for (const place of mayUseAll() ? [] : [path, dirname(path)]) {
      needWrite(place);
      needRead(place);
    }
    if (looked) return undefined;
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw localError(error, `Cannot download to ${quoted(path)}`, path);
    }
    if (!this.overwrite && resume) this.overwrite = isReserved(path);
    if (!this.overwrite) throw existsError(path);
    if (info.isFile || info.isSymlink) return attributesOf(info);
    const kind = info.isDirectory ? "a directory" : "not a regular file";
    throw new ClientError(`Cannot download to ${quoted(path)}: it is ${kind}`, {
      exitCode: ExitCode.conflict,
      filename: path,
    });
  }

  async takeUp(hash: PrefixHash, remembered?: PartPlace): Promise<void> {
    if (this.#part !== undefined) return;
    await this.#local(async () => {
      const part = (remembered && PartFile.open(remembered, this.path)) ?? this.#openOnlyPart();
      if (part === undefined) return;
      this.#part = part;
      const { file } = part;
      await hash.goTo(file.statSync().size, {
        read: (into: Uint8Array) => file.readSync(into) ?? 0,
        seek: (offset: number) => void file.seekSync(offset, Deno.SeekMode.Start),
      });
      this.#offset = hash.offset;
    });
  }

  #openOnlyPart(): PartFile | undefined {
    const only = onlyPartOf(this.path);
    return only && PartFile.open(only, this.path);
  }

  begin(superseded?: PartPlace): void {
    this.#localSync(() => {
      if (this.#part !== undefined) return;
      if (superseded !== undefined) removePart(superseded, this.path);
      this.#part = PartFile.create(this.path);
    });
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
    this.#offset += bytes.length;
    const large = bytes.length >= BACKGROUND_BYTES;
    if (!large || this.#asyncLeft === 0) {
      const begunMs = performance.now();
      this.#localSync(() => this.#writePieces(bytes));
      const quickMs = QUICK_MS_PER_MIB * bytes.length / 1048576;
      if (large && performance.now() - begunMs > quickMs) this.#asyncLeft = ASYNC_PIECES;
      return;
    }
    this.#asyncLeft--;
    lease.retain();
    this.#writing = this.#local(() => this.#writePiecesAside(bytes))
      .catch((error) => {
        this.#failure = error;
      })
      .finally(() => {
        lease.release();
        this.#writing = undefined;
      });
  }

  #writePieces(bytes: Uint8Array): void {
    const { file } = this.#part!;
    const rest = this.#skipHoles(bytes, (piece) => writeWhole(file, piece));
    if (rest.length > 0) writeWhole(file, rest);
  }

  async #writePiecesAside(bytes: Uint8Array): Promise<void> {
    const { file } = this.#part!;
    const { crc32 } = nodeZlib();
    const crc = crc32(bytes);
    const rest = this.#skipHoles(bytes, (piece) => writeWhole(file, piece));
    for (let done = 0; done < rest.length;) done += await file.write(rest.subarray(done));
    // The hash is of the bytes as they came: what changed since must not get the file's name.
    if (crc32(bytes) !== crc) throw new Error("its bytes changed in memory; download it again");
  }

  /** Skips runs of zeros and writes the bytes before each. @returns the rest after the last run */
  #skipHoles(bytes: Uint8Array, write: (piece: Uint8Array) => void): Uint8Array {
    let from = 0;
    for (const { start, end } of findHoles(bytes)) {
      if (start > from) write(bytes.subarray(from, start));
      this.#part!.file.seekSync(end - start, Deno.SeekMode.Current);
      from = end;
    }
    if (bytes.length > 0) this.#endsInHole = from === bytes.length;
    return from === 0 ? bytes : bytes.subarray(from);
  }

  /** Gives a file that ends in a hole its length. */
  #extend(): void {
    if (this.#endsInHole) this.#part!.file.truncateSync(this.#offset);
    this.#endsInHole = false;
  }

  reset(): void {
    this.discard();
    this.#offset = 0;
  }

  async publish(mtime: number, sentMode?: number, chmod: Chmod = "keep"): Promise<void> {
    await this.settled();
    await this.#local(async () => {
      const part = this.#part!;
      this.#extend();
      await part.file.sync();
      const { size } = part.file.statSync();
      if (size !== this.#offset) throw new Error("another program wrote to its temporary file");
      const replaced = this.overwrite ? attributesOf(lstat(this.path)) : undefined;
      const usual = () => newFileMode(this.path);
      const carried = modeToSet(sentMode, chmod, replaced === undefined, usual);
      const mode = carried ?? replaced?.mode ?? usual();
      if (mode !== undefined) setAttributes(part.path, part.file, { ...replaced, mode });
      setTime(part.file, mtime);
      part.publish(this.path, this.overwrite);
      this.#part = undefined;
    });
  }

  async keep(): Promise<void> {
    await this.settled().catch(() => {}); // the caller of write() has seen the error
    const part = this.#part;
    if (part === undefined) return;
    try {
      this.#extend();
      await part.file.syncData();
    } finally {
      this.#part = undefined;
      part.close();
    }
  }

  discard(): void {
    this.#part?.remove();
    this.#part = undefined;
    this.#endsInHole = false;
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
