/** Many uploads: small files pipelined, several connections. */
import { sleep } from "../common/sleep.ts";
import { HEADER_BYTES, type Reply } from "../../../protocol/wire.ts";
import { modeToSend } from "../local/carried_mode.ts";
import type { Client } from "../connection/client.ts";
import type { Connection } from "../connection/connection.ts";
import { ClientError, ConnectionLost, ExitCode, localError, replyError } from "../common/error.ts";
import { type Ended, type LaneWork, runLanes } from "../connection/lanes.ts";
import type { Items, Task } from "../common/queue.ts";
import { unlessAborted } from "../connection/transfer.ts";
import { readSmall, SMALL_BYTES, type SmallContent } from "./small_file.ts";
import { quoted } from "../../../common/printable.ts";
import { uploadFile } from "./upload.ts";
import { newUploadKey } from "./upload_key.ts";
import type { IfExists, UploadOptions, UploadResult } from "./upload_options.ts";
import { look } from "../local/walk.ts";

/** Maximum size of content that is gathered with the requests around it. */
const SMALL_FRAME_BYTES = 32 * 1024;
/** Time without changes after which the storage is assumed to have finished with a name. */
const STILL_MS = 300;
const STILL_LOOKS = 30;

/** One file to upload. */
export interface UploadItem {
  /** Absolute local path. */
  path: string;
  /** Path at the server. */
  remote: string;
  /** Size when it was listed, bytes; read later if absent. */
  size?: number | undefined;
  /** An unfinished upload of the item to continue. */
  unfinished?: { tempId: string; mtime?: number; key?: string | undefined };
  /** Names this upload to the server, which stores it once; made up where left out. */
  key?: string | undefined;
  /** Whether an earlier run may have stored it, its reply unread. */
  again?: boolean;
}

/** Callbacks for each item. */
export interface TransferEvents<T, R> {
  /** The transfer of an item begins. */
  onStart?(item: T): void;
  /** An item continues an earlier try from this offset. */
  onResume?(item: T, offset: number): void;
  /** Bytes of an item transferred so far. */
  onProgress?(item: T, offset: number): void;
  /** An item was transferred and verified. */
  onDone?(item: T, result: R): void;
  /** An item failed; the others continue. */
  onError?(item: T, error: ClientError): void;
}

/**
 * Uploads many files; one that fails does not stop the others.
 *
 * @throws {ClientError} where the server stays out of reach, or the user interrupts
 */
export async function uploadMany(
  client: Client,
  items: Items<UploadItem>,
  options: Omit<UploadOptions, "onBegin" | "onProgress" | "onResume" | "unfinished"> & {
    parallel?: number;
  },
  events: TransferEvents<UploadItem, UploadResult>,
): Promise<void> {
  await runLanes(client, items, options.parallel ?? 4, new UploadWork(client, options, events));
}

class UploadWork implements LaneWork<UploadItem> {
  /** For content that is gathered at once. */
  readonly #scratch = new Uint8Array(SMALL_FRAME_BYTES + 1);
  /** The last item whose metadata was read; it usually begins at once. */
  #looked: { item: UploadItem; info: Deno.FileInfo } | undefined;

  constructor(
    readonly client: Client,
    readonly options: Omit<UploadOptions, "onBegin" | "onProgress" | "onResume" | "unfinished">,
    readonly events: TransferEvents<UploadItem, UploadResult>,
  ) {}

  bytes(item: UploadItem): number | undefined {
    if (item.unfinished !== undefined) return undefined;
    const info = look(item.path);
    this.#looked = info && { item, info };
    const size = info?.size ?? 0;
    item.size ??= size;
    // Under a rate limit a larger one goes piece by piece: the pause before it would be too long.
    const most = Math.min(SMALL_BYTES, this.client.rate?.chunkBytes ?? Infinity);
    return size > most ? undefined : size;
  }

  begin(task: Task<UploadItem>, connection: Connection, ended: Ended): Promise<void> | void {
    const { item } = task;
    if (task.tries === 0) this.events.onStart?.(item);
    if (this.client.rate === undefined) return this.#send(task, connection, ended);
    return this.#sendAtRate(task, connection, ended);
  }

  async #sendAtRate(
    task: Task<UploadItem>,
    connection: Connection,
    ended: Ended,
  ): Promise<void> {
    const { rate, signal } = this.client;
    await connection.flush();
    await connection.pause(rate!.take(task.item.size ?? 0, signal));
    await this.#send(task, connection, ended);
  }

  /** Sends a small file; a promise where a frame of its own has to be written. */
  #send(task: Task<UploadItem>, connection: Connection, ended: Ended): Promise<void> | void {
    const { item } = task;
    let content: SmallContent | undefined;
    let frame: Uint8Array | undefined;
    try {
      content = readSmall(item.path, (bytes) => {
        frame = bytes > this.#scratch.length ? new Uint8Array(HEADER_BYTES + bytes) : undefined;
        return frame?.subarray(HEADER_BYTES) ?? this.#scratch;
      }, this.#looked?.item === item ? this.#looked.info : undefined);
    } catch (error) {
      this.failed(item, localError(error, `Cannot read ${quoted(item.path)}`, item.path));
      return ended();
    }
    if (content === undefined) { // it has grown since
      return void this.alone(item).then(() => ended(), ended);
    }
    const { bytes, hash, mtime } = content;
    const mode = modeToSend(content.mode, this.client.chmod, this.#ifExists === "overwrite");
    const request: Record<string, unknown> = {
      filename: item.remote,
      file_size: bytes.length,
      file_hash: hash,
      mtime,
      // A try whose reply was lost may have been stored: `skip` finds it.
      if_exists: mayBeStored(task) && this.#ifExists === "version" ? "skip" : this.#ifExists,
      make_dirs: this.options.makeDirs ?? false,
      pipelined: true,
      key: item.key ??= newUploadKey(),
    };
    if (mode !== undefined) request.mode = mode;
    connection.transfer("UPLOAD", request, {
      onEnd: (reply) => this.#finish(task, reply, hash, connection, ended),
      onLost: ended,
    });
    if (frame === undefined) {
      if (bytes.length > 0) connection.smallData(bytes);
      return connection.end({});
    }
    // `onLost` is called where this fails.
    const sent = connection.data(frame.subarray(0, HEADER_BYTES + bytes.length));
    return sent.catch(() => {}).then(() => connection.end({}));
  }

  async alone(item: UploadItem): Promise<void> {
    const onProgress = (offset: number) => this.events.onProgress?.(item, offset);
    const onResume = (offset: number) => this.events.onResume?.(item, offset);
    this.events.onStart?.(item);
    try {
      const { unfinished, key } = item;
      const options = {
        ...this.options,
        key,
        onProgress,
        onResume,
        ...(unfinished && { unfinished }),
      };
      const result = await uploadFile(this.client, item.path, item.remote, options);
      this.events.onDone?.(item, result);
    } catch (error) {
      // Retries are exhausted, or interrupted: the other files would fail too.
      if (!(error instanceof ClientError) || error instanceof ConnectionLost) throw error;
      if (this.client.signal?.aborted) throw error;
      this.failed(item, error);
    }
  }

  /**
   * Bytes that arrived before the connection was lost may still be on their way into the storage,
   * and must not be stored after the same file is sent again: waits until these names stop
   * changing.
   */
  async afterLoss(items: UploadItem[]): Promise<void> {
    if (this.#ifExists !== "version") return;
    const { client } = this;
    const connection = await client.acquire();
    try {
      let before = "";
      for (let look = 0; look < STILL_LOOKS && !client.signal?.aborted; look++) {
        const replies = Promise.all(
          items.map(({ remote }) => connection.send("VERSIONS", { filename: remote })),
        );
        await connection.flush();
        const there = await unlessAborted(client.signal, connection, replies);
        const now = JSON.stringify(there.map((reply) => reply.data));
        if (now === before) return;
        before = now;
        await sleep(STILL_MS, client.signal);
      }
    } finally {
      this.client.release(connection);
    }
  }

  failed(item: UploadItem, error: ClientError): void {
    error.filename ??= item.path;
    this.events.onError?.(item, error);
  }

  get #ifExists(): IfExists {
    return this.options.ifExists ?? "version";
  }

  #finish(
    task: Task<UploadItem>,
    reply: Reply,
    hash: string,
    connection: Connection,
    ended: Ended,
  ): void {
    const { status } = reply;
    if (status === "ALREADY_EXISTS" && mayBeStored(task)) {
      this.#compare(task, reply, hash, connection).then(ended, ended);
    } else {
      ended(this.#stored(task.item, reply, hash));
    }
  }

  /** The name is taken: perhaps by an earlier try of this upload. */
  async #compare(
    { item }: Task<UploadItem>,
    reply: Reply,
    hash: string,
    connection: Connection,
  ): Promise<ClientError | undefined> {
    const asked = connection.request("HASH", { filename: item.remote });
    const there = await unlessAborted(this.client.signal, connection, asked);
    const same = there.data.hash === hash;
    const data = { filename: item.remote, hash };
    return this.#stored(item, same ? { status: "OK", code: 200, data } : reply, hash);
  }

  /** Reports the end of an upload. @returns an error that another try may mend */
  #stored(item: UploadItem, reply: Reply, hash: string): ClientError | undefined {
    const { status, data } = reply;
    if (status === "OK" && data.hash === hash) {
      const skipped = data.skipped === true && data.repeated !== true;
      const size = typeof data.size === "number" ? data.size : item.size ?? 0;
      const filename = String(data.filename ?? item.remote);
      this.events.onProgress?.(item, size);
      this.events.onDone?.(item, { filename, size, hash, resumedFrom: 0, skipped });
      return;
    }
    const error = status === "OK"
      ? new ClientError(`The server says that it stored other content than ${quoted(item.path)}`, {
        exitCode: ExitCode.checksum,
      })
      : replyError(reply, `Cannot upload ${quoted(item.path)}`, item.path);
    // The connection works: an error of this file alone is reported at once.
    if (["SHUTTING_DOWN", "TOO_MANY", "ERROR"].includes(status)) return error;
    this.failed(item, error);
  }
}

function mayBeStored({ item, tries }: Task<UploadItem>): boolean {
  return tries > 0 || item.again === true;
}
