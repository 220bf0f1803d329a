/** One download that streams, resumes by itself and is proved at its end. */
import { dirname } from "node:path";
import type { Piece, Reply } from "../../../protocol/wire.ts";
import { toldMode } from "../local/carried_mode.ts";
import type { Client } from "../connection/client.ts";
import type { Connection } from "../connection/connection.ts";
import { type DownloadTarget, FileTarget } from "./download_target.ts";
import { ClientError, ExitCode, Interrupted, isRetryable, replyError } from "../common/error.ts";
import { freeBytes } from "../local/free_bytes.ts";
import type { PartPlace } from "../local/part_file.ts";
import { PrefixHash } from "../local/prefix.ts";
import { Retry } from "../common/retry.ts";
import { quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { unlessAborted } from "../connection/transfer.ts";

/** How to download. */
export interface DownloadOptions {
  /** Replaces an existing file. @default false */
  overwrite?: boolean;
  /** Continues the temporary file of an earlier run. @default false */
  resume?: boolean;
  /** Called with the size in bytes once it is known. */
  onSize?(size: number): void;
  /** Called with the offset from which it continues an earlier try. */
  onResume?(offset: number): void;
  /** Called with the number of bytes received. */
  onProgress?(offset: number): void;
}

/** A file that is here and verified. */
export interface DownloadResult {
  /** Absolute local path; `-` for a stream. */
  filename: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in hex. */
  hash: string;
  /** Bytes that an earlier try had brought; 0 where nothing was resumed. */
  resumedFrom: number;
  /** Whether it was here already. */
  skipped?: boolean;
}

/**
 * Downloads a file to a temporary file beside the target, verifies it, and gives it its name.
 *
 * @param remote path at the server
 * @param path absolute local path
 * @throws {ClientError} exit code 8 where the file exists, 6 where the content does not hash to
 * what the server announced
 */
export async function downloadFile(
  client: Client,
  remote: string,
  path: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const target = new FileTarget(path, options.overwrite ?? false);
  target.needFree(false, options.resume);
  return await downloadTo(client, remote, target, options);
}

/** Downloads to any target. */
export async function downloadTo(
  client: Client,
  remote: string,
  target: DownloadTarget,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  return await new Download(client, remote, target, options).run();
}

/** Content of a download's first reply, checked. */
export interface Announced {
  size: number;
  hash: string;
  mtime: number;
  /** Permission bits that the server has recorded. */
  mode: number | undefined;
  /** Bytes that will follow. */
  length: number;
}

/**
 * Checks the first reply of a download.
 *
 * @throws {ClientError} where it contradicts the request, or itself
 */
export function checkAnnounced(reply: Reply, offset: number): Announced {
  const { file_size, file_hash, mtime, length } = reply.data;
  const size = Number(file_size);
  const whole = Number.isSafeInteger(file_size) && size >= offset && length === size - offset &&
    (reply.data.offset ?? 0) === offset && typeof file_hash === "string" &&
    /^[0-9a-f]{64}$/i.test(file_hash);
  if (!whole) throw new ClientError("The server announced a download that contradicts itself");
  return {
    size,
    hash: file_hash.toLowerCase(),
    mtime: Number(mtime),
    mode: toldMode(reply.data.mode),
    length: size - offset,
  };
}

/** Creates the error for content that does not match its announced hash. */
export function mismatch(remote: string, expected: string, actual: string): ClientError {
  return new ClientError(
    `Checksum mismatch in ${
      quoted(remote)
    }: the server announced SHA-256 ${expected}, what came has ${actual}. Nothing was stored`,
    { exitCode: ExitCode.checksum, filename: remote, data: { expected, actual } },
  );
}

class Download {
  readonly #retry: Retry;
  #hash = new PrefixHash();
  #remembered: { part?: PartPlace; hash?: string } | undefined;
  /** SHA-256 of the version that is being fetched. */
  #version: string | undefined;
  #size = 0;
  #resumedFrom = 0;
  #restarts = 0;

  constructor(
    readonly client: Client,
    readonly remote: string,
    readonly target: DownloadTarget,
    readonly options: DownloadOptions,
  ) {
    this.#retry = new Retry(client.retryPolicy);
  }

  async run(): Promise<DownloadResult> {
    let finished = false;
    try {
      for (;;) {
        let connection: Connection | undefined;
        const before = this.#hash.offset;
        try {
          connection = await this.client.acquire();
          if (this.#remembered === undefined) {
            this.#remembered = this.#recall();
            if (this.options.resume) this.#version ??= this.#remembered.hash;
          }
          const announced = await this.#attempt(connection);
          if (announced === undefined) continue; // the file changed: begin again
          await this.target.publish(announced.mtime, announced.mode, this.client.chmod);
          finished = true;
          this.#forget();
          return {
            filename: this.target.path ?? "-",
            size: announced.size,
            hash: announced.hash,
            resumedFrom: this.#resumedFrom,
          };
        } catch (error) {
          if (this.client.signal?.aborted) throw new Interrupted();
          if (this.#hash.offset > before) this.#retry.progressed();
          if (error instanceof ClientError && error.exitCode === ExitCode.checksum) {
            this.target.discard();
            this.#forget();
          }
          if (!isRetryable(error)) throw this.#explained(error);
          await this.#retry.pause(error);
        } finally {
          if (connection !== undefined) this.client.release(connection);
        }
      }
    } finally {
      if (!finished) {
        if (this.#hash.offset > 0) await this.target.keep();
        else this.target.discard();
      }
    }
  }

  /** The error of a full local disk says how much is missing, and that what came is kept. */
  #explained(error: unknown): unknown {
    const { path } = this.target;
    if (!(error instanceof ClientError) || error.exitCode !== ExitCode.space) return error;
    if (path === undefined || error.status !== undefined || this.#hash.offset === 0) return error;
    error.resumable = true;
    const free = freeBytes(dirname(path));
    const more = this.#size - this.#hash.offset;
    if (free === undefined || more <= 0) return error;
    error.message += ` (${formatSize(more)} are still to come, ${formatSize(free)} are free)`;
    return error;
  }

  /** Makes one attempt; undefined if the download must begin again. */
  async #attempt(connection: Connection): Promise<Announced | undefined> {
    if (this.options.resume) await this.target.takeUp(this.#hash, this.#remembered?.part);
    const offset = this.#hash.offset;
    let announced: Announced | undefined;
    let left = 0;
    const final = connection.send("DOWNLOAD", {
      filename: this.remote,
      offset: offset > 0 ? offset : undefined,
      if_hash: offset > 0 ? this.#version : undefined,
    }, {
      onInterim: (reply) => {
        if (reply.status === "PROGRESS") return;
        announced = checkAnnounced(reply, offset);
        left = announced.length;
        this.#version = announced.hash;
        this.#size = announced.size;
        this.#resumedFrom = offset;
        this.options.onSize?.(announced.size);
        if (offset > 0) this.options.onResume?.(offset);
        this.target.begin(this.#remembered?.part);
        this.#remember(announced);
      },
      onData: (piece) => {
        const { bytes } = piece;
        if (bytes.length > left) throw lies(this.remote);
        left -= bytes.length;
        const taken = this.#take(piece);
        const { rate } = this.client;
        if (rate === undefined) return taken;
        const pause = connection.pause(rate.take(bytes.length, this.client.signal));
        return Promise.all([taken, pause]).then(() => {});
      },
    });
    await connection.flush();
    const reply = await unlessAborted(this.client.signal, connection, final);
    await this.target.settled();
    if (reply.status === "OK") {
      if (announced === undefined || left !== 0) throw lies(this.remote);
      const actual = this.#hash.digest();
      if (actual === announced.hash) return announced;
      // A part of an earlier time may have been of another version, or damaged since.
      if (this.#resumedFrom > 0 && this.#restarts === 0) return this.#restart();
      throw mismatch(this.remote, announced.hash, actual);
    }
    const changed = reply.status === "FILE_CHANGED" || reply.status === "OFFSET_MISMATCH";
    if (changed && offset > 0 && this.#restarts < 5) return this.#restart();
    const error = replyError(reply, `Cannot download ${quoted(this.remote)}`, this.remote);
    if (reply.status === "IS_A_DIRECTORY") error.message += ". Add -r to download it";
    throw error;
  }

  #take({ bytes, lease }: Pick<Piece, "bytes" | "lease">): void | Promise<void> {
    const before = this.target.write(bytes, lease); // hashed while it is written
    this.#hash.update(bytes);
    this.options.onProgress?.(this.#hash.offset);
    return before;
  }

  #restart(): undefined {
    this.#restarts++;
    this.target.reset();
    this.#hash = new PrefixHash();
    this.#version = undefined;
    this.#resumedFrom = 0;
    return undefined;
  }

  /** Finds the part that an earlier run of this download left. */
  #recall(): { part?: PartPlace; hash?: string } {
    const { memory } = this.client;
    const { path } = this.target;
    if (path === undefined) return {};
    const state = memory.find(this.client.memoryKey("download", path));
    if (state === undefined) return {};
    const part = { path: state.part, inode: state.inode };
    return state.remote === this.remote ? { part, hash: state.hash } : { part };
  }

  #remember(announced: Announced): void {
    const { target } = this;
    if (!(target instanceof FileTarget) || target.part === undefined) return;
    this.client.memory.keep({
      ...this.client.memoryKey("download", target.path),
      remote: this.remote,
      started: Date.now(),
      part: target.part.path,
      inode: target.part.inode,
      size: announced.size,
      hash: announced.hash,
      overwrite: target.overwrite,
    });
  }

  #forget(): void {
    const { path } = this.target;
    if (path !== undefined) this.client.memory.forget(this.client.memoryKey("download", path));
  }
}

function lies(remote: string): ClientError {
  return new ClientError(
    `The server sent another number of bytes of ${quoted(remote)} than it announced`,
    { exitCode: ExitCode.checksum, filename: remote },
  );
}
