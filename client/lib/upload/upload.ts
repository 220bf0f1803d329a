/** One upload that streams, resumes by itself and is proved at its end (docs/protocol.md, Upload). */
import type { Reply } from "../../../protocol/wire.ts";
import { modeToSend } from "../local/carried_mode.ts";
import type { Client } from "../connection/client.ts";
import type { Connection } from "../connection/connection.ts";
import { ClientError, ConnectionLost, ExitCode, Interrupted, replyError } from "../common/error.ts";
import { PrefixHash } from "../local/prefix.ts";
import { pump } from "./pump.ts";
import { Retry } from "../common/retry.ts";
import { quoted } from "../../../common/printable.ts";
import { abort, begin, unlessAborted, within } from "../connection/transfer.ts";
import { newUploadKey } from "./upload_key.ts";
import type { IfExists, UploadOptions, UploadResult } from "./upload_options.ts";
import { changed, FileSource, knownSize, type UploadSource } from "./upload_source.ts";

/** How long an interrupted upload waits for the server to confirm its checkpoint, in ms. */
const CHECKPOINT_WAIT_MS = 3000;

/**
 * Uploads a local file as a stream. After a lost connection it continues at the server's
 * checkpoint, if the file still begins with the bytes that the server has.
 *
 * @param path absolute local path
 * @param remote path at the server
 * @throws {ClientError} exit code 8 where the file changes meanwhile (nothing becomes visible then)
 */
export async function uploadFile(
  client: Client,
  path: string,
  remote: string,
  options: UploadOptions = {},
): Promise<UploadResult> {
  const source = FileSource.open(path);
  try {
    return await uploadFrom(client, source, remote, options);
  } finally {
    source.close();
  }
}

/** Uploads from any source; the caller closes it. */
export async function uploadFrom(
  client: Client,
  source: UploadSource,
  remote: string,
  options: UploadOptions = {},
): Promise<UploadResult> {
  return await new Upload(client, source, remote, options).run();
}

/** A begun upload: what the server has, and its final reply to come. */
interface Running {
  final: Promise<Reply>;
  ended: () => boolean;
}

class Upload {
  readonly #hash = new PrefixHash();
  readonly #retry: Retry;
  #tempId: string | undefined;
  #ifExists: IfExists;
  /** SHA-256 of the whole, once it was read to its end. */
  #whole: string | undefined;
  /** Bytes of the whole, once it was read to its end. */
  #size: number | undefined;
  readonly #key: string;
  #resumedFrom = 0;
  #confirmed = 0;
  #mayBeStored = false;

  constructor(
    readonly client: Client,
    readonly source: UploadSource,
    readonly remote: string,
    readonly options: UploadOptions,
  ) {
    this.#retry = new Retry(client.retryPolicy);
    this.#tempId = options.unfinished?.tempId;
    this.#ifExists = options.ifExists ?? "version";
    this.#key = options.key ?? options.unfinished?.key ?? newUploadKey();
    this.#size = source.size;
  }

  async run(): Promise<UploadResult> {
    // For "skip" the server compares the hash, which must therefore be sent first.
    if (this.#ifExists === "skip") await this.#hashAll();
    for (;;) {
      let connection: Connection | undefined;
      try {
        connection = await this.client.acquire();
        return await this.#attempt(connection);
      } catch (error) {
        if (error instanceof ConnectionLost) this.source.needUnchanged();
        await this.#retry.pause(error);
      } finally {
        if (connection !== undefined) this.client.release(connection);
      }
    }
  }

  async #attempt(connection: Connection): Promise<UploadResult> {
    const running = await this.#resume(connection) ?? await this.#begin(connection);
    if ("status" in running) return await this.#finish(running, connection);
    try {
      await this.#orGiveUp(connection, this.#pump(connection, running));
    } catch (error) {
      if (error instanceof Interrupted) {
        const stored = await within(CHECKPOINT_WAIT_MS, this.#checkpoint(connection, running));
        if (stored?.status === "OK") return await this.#finish(stored, connection);
      } else if (!(error instanceof ConnectionLost)) {
        await within(CHECKPOINT_WAIT_MS, abort(connection, running.final, true)).catch(() => {});
        this.#forget();
      }
      throw error;
    }
    return await this.#finish(await this.#orGiveUp(connection, running.final), connection);
  }

  /** The promise; once the user has interrupted, it is not waited for much longer. */
  #orGiveUp<T>(connection: Connection, promise: Promise<T>): Promise<T> {
    return unlessAborted(this.client.signal, connection, promise, CHECKPOINT_WAIT_MS);
  }

  /** Takes up the unfinished upload; undefined where there is none, or it is not of this file. */
  async #resume(connection: Connection): Promise<Running | undefined> {
    if (this.#tempId === undefined) return undefined;
    const data = { temp_id: this.#tempId, key: this.#key };
    const begun = await this.#orGiveUp(
      connection,
      begin(connection, "RESUME", data, (reply) => this.#onProgress(reply), true),
    );
    if (begun.first === undefined) {
      if (begun.reply.status !== "TRANSFER_NOT_FOUND") {
        throw replyError(begun.reply, `Cannot resume ${quoted(this.source.title)}`);
      }
      // Gone, or finished with its reply lost: then the same must not become a further version.
      if (this.#whole === undefined && this.options.unfinished !== undefined) await this.#hashAll();
      if (this.#whole !== undefined) this.#mayBeStored = true;
      this.#startAnew();
      return undefined;
    }
    const { offset, prefix_hash, file_size } = begun.first.data;
    const { size } = this.source;
    const fits = Number.isSafeInteger(offset) && (size === undefined || Number(offset) <= size) &&
      (file_size === null || file_size === size) &&
      await this.#goTo(Number(offset)) && this.#hash.digest() === prefix_hash;
    if (!fits) {
      await this.#orGiveUp(connection, abort(connection, begun.final, true));
      this.#startAnew();
      return undefined;
    }
    if (Number(offset) > this.#resumedFrom) this.#retry.progressed();
    this.#resumedFrom = Number(offset);
    if (this.#resumedFrom > 0) this.options.onResume?.(this.#resumedFrom);
    return begun;
  }

  async #begin(connection: Connection): Promise<Running | Reply> {
    // Where an earlier try may have been stored, `skip` finds it.
    const ifExists = this.#mayBeStored && this.#ifExists === "version" ? "skip" : this.#ifExists;
    const { mtime, mode } = this.source;
    const size = this.#size;
    const request = {
      filename: this.remote,
      file_size: size,
      file_hash: size === undefined ? undefined : this.#whole,
      mtime,
      mode: modeToSend(mode, this.client.chmod, ifExists === "overwrite"),
      if_exists: size === undefined && ifExists === "skip" ? "version" : ifExists,
      make_dirs: this.options.makeDirs ?? false,
      key: this.#key,
    };
    const begun = await this.#orGiveUp(
      connection,
      begin(connection, "UPLOAD", request, (reply) => this.#onProgress(reply)),
    );
    if (begun.first === undefined) return begun.reply;
    await this.#goTo(0);
    const tempId = begun.first.data.temp_id;
    if (typeof tempId === "string") this.#remember(tempId);
    return begun;
  }

  /** Sends the remaining bytes, and `END`. */
  async #pump(connection: Connection, running: Running): Promise<void> {
    const { client, source } = this;
    const onSent = (offset: number) => this.options.onProgress?.(offset);
    if (!await pump(client, connection, source, this.#hash, running.ended, onSent)) return;
    // An earlier try may have sent the beginning, and the file may have changed since.
    source.needUnchanged();
    const whole = this.#hash.digest();
    if (this.#whole !== undefined && this.#whole !== whole) throw changed(source.title);
    await source.needSame?.(whole);
    this.#whole = whole;
    this.#size = this.#hash.offset;
    connection.end({ file_hash: this.#whole, file_size: this.#hash.offset });
    await connection.flush();
  }

  async #finish(reply: Reply, connection: Connection): Promise<UploadResult> {
    const { data } = reply;
    if (reply.status === "OK") {
      const size = data.skipped === true ? this.#size : data.size;
      const whole = this.#whole ?? this.#hash.digest();
      if (data.hash !== whole || size !== (this.#size ?? this.#hash.offset)) {
        throw new ClientError(
          `The server says that it stored other content than ${quoted(this.source.title)}`,
          { exitCode: ExitCode.checksum, filename: this.source.title },
        );
      }
      this.#forget();
      const filename = String(data.filename ?? this.remote);
      const { mtime } = this.source;
      const announced = this.options.unfinished?.mtime;
      if (announced !== undefined && announced !== mtime && this.#resumedFrom > 0) {
        await this.#orGiveUp(connection, connection.request("MFMT", { filename, mtime }));
      }
      const resumedFrom = this.#resumedFrom;
      const skipped = data.skipped === true && data.repeated !== true;
      return { filename, size: size!, hash: whole, resumedFrom, skipped };
    }
    if (this.#mayBeStored && reply.status === "ALREADY_EXISTS") {
      const looking = connection.request("HASH", { filename: this.remote }, { slow: true });
      const stored = await this.#orGiveUp(connection, looking);
      if (stored.status === "OK" && stored.data.hash === this.#whole) {
        const data = { filename: this.remote, hash: this.#whole, size: this.#size };
        return await this.#finish({ ...reply, status: "OK", data }, connection);
      }
    }
    if (reply.status === "CHECKSUM_FAILED") {
      this.#forget();
      this.source.needUnchanged();
    }
    throw replyError(reply, `Cannot upload ${quoted(this.source.title)}`, this.source.title);
  }

  /** Asks the server for a checkpoint; its reply shows whether the upload had ended already. */
  async #checkpoint(connection: Connection, running: Running): Promise<Reply | undefined> {
    try {
      return running.ended() ? await running.final : await abort(connection, running.final, false);
    } catch {
      return undefined; // a broken connection is a checkpoint too
    }
  }

  #onProgress(reply: Reply): void {
    const offset = Number(reply.data.offset);
    if (!(offset > this.#confirmed)) return;
    this.#confirmed = offset;
    this.#retry.progressed();
    this.source.release?.(offset);
  }

  async #hashAll(): Promise<void> {
    const { source } = this;
    if (!await this.#goTo(knownSize(source))) throw changed(source.title);
    this.#whole = this.#hash.digest();
    await this.#goTo(0);
  }

  /** Hashes the source up to an offset; false where it is shorter. */
  async #goTo(offset: number): Promise<boolean> {
    const { signal } = this.client;
    const reached = await this.#hash.goTo(offset, this.source, signal);
    if (!reached && signal?.aborted) throw new Interrupted();
    return reached;
  }

  #startAnew(): void {
    this.#forget();
    this.#tempId = undefined;
    this.#resumedFrom = 0;
    this.#confirmed = 0;
  }

  #remember(tempId: string): void {
    this.#tempId = tempId;
    this.options.onBegin?.(tempId);
    const { path, size, mtime } = this.source;
    if (path === undefined || size === undefined || mtime === undefined) return;
    this.client.memory.keep({
      ...this.client.memoryKey("upload", path),
      remote: this.remote,
      started: Date.now(),
      temp_id: tempId,
      key: this.#key,
      size,
      mtime,
      if_exists: this.#ifExists,
    });
  }

  #forget(): void {
    const { path } = this.source;
    if (path === undefined) return;
    const key = this.client.memoryKey("upload", path);
    this.client.memory.forget({ ...key, remote: this.remote });
  }
}
