/** Many downloads: requests for small files pipelined, several connections. */
import { basename, dirname } from "node:path";
import { modeToSet } from "../local/carried_mode.ts";
import type { Client } from "../connection/client.ts";
import type { Connection } from "../connection/connection.ts";
import type { Reply } from "../../../protocol/wire.ts";
import { downloadFile, type DownloadOptions, type DownloadResult } from "./download.ts";
import { mayRead, mayUseAll, mayWrite } from "../common/environment.ts";
import { FileTarget } from "./download_target.ts";
import {
  ClientError,
  ConnectionLost,
  isRetryable,
  localError,
  replyError,
} from "../common/error.ts";
import { type Ended, type LaneWork, runLanes } from "../connection/lanes.ts";
import { type Attributes, newFileMode } from "../local/file_mode.ts";
import { removePart } from "../local/part_file.ts";
import { storeSmall } from "../local/small_part.ts";
import { type SmallContent, SmallDownload } from "./small_download.ts";
import { PrefixHash } from "../local/prefix.ts";
import type { Items, Task } from "../common/queue.ts";
import { quoted } from "../../../common/printable.ts";
import { SMALL_BYTES } from "../upload/small_file.ts";
import type { DownloadState } from "../connection/state.ts";
import type { TransferEvents } from "../upload/upload_many.ts";

/** One file to download. */
export interface DownloadItem {
  /** Path at the server. */
  remote: string;
  /** Absolute local path. */
  path: string;
  /** Bytes when it was listed; undefined where not known. */
  size: number | undefined;
  /** SHA-256 when it was listed, where known. */
  hash?: string | undefined;
}

/**
 * Downloads many files; one that fails does not stop the others. Missing local directories are
 * made. With `resume`, a file that is here already with the listed size and hash is done.
 *
 * @throws {ClientError} where the server stays out of reach, or the user interrupts
 */
export async function downloadMany(
  client: Client,
  items: Items<DownloadItem>,
  options: Pick<DownloadOptions, "overwrite" | "resume"> & { parallel?: number },
  events: TransferEvents<DownloadItem, DownloadResult> & {
    onSize?(item: DownloadItem, size: number): void;
  },
): Promise<void> {
  const work = new DownloadWork(client, options, events);
  await runLanes(client, items, options.parallel ?? 4, work);
}

class DownloadWork implements LaneWork<DownloadItem> {
  /**
   * Directories created or found, with the names in them at that time, if these could be listed.
   */
  readonly #parents = new Map<string, ReadonlySet<string> | undefined>();

  /** Permission bits of any new file, by directory. */
  readonly #usualModes = new Map<string, number | undefined>();

  /** Downloads that an earlier run began, by local path. */
  #begun: Map<string, DownloadState> | undefined;

  constructor(
    readonly client: Client,
    readonly options: Pick<DownloadOptions, "overwrite" | "resume">,
    readonly events: TransferEvents<DownloadItem, DownloadResult> & {
      onSize?(item: DownloadItem, size: number): void;
    },
  ) {}

  bytes(item: DownloadItem): number | undefined {
    const small = item.size !== undefined && item.size <= SMALL_BYTES;
    return small && this.client.rate === undefined ? item.size : undefined;
  }

  begin(task: Task<DownloadItem>, connection: Connection, ended: Ended): Promise<void> | void {
    const { item } = task;
    if (task.tries === 0) this.events.onStart?.(item);
    if (!this.options.resume) return this.#request(item, connection, ended);
    return this.#requestUnlessHere(item, connection, ended);
  }

  async #requestUnlessHere(
    item: DownloadItem,
    connection: Connection,
    ended: Ended,
  ): Promise<void> {
    if (await this.#isHere(item)) ended();
    else this.#request(item, connection, ended);
  }

  #request(item: DownloadItem, connection: Connection, ended: Ended): void {
    let replaced: Attributes | undefined;
    let overwrite = this.options.overwrite ?? false;
    try {
      const looked = this.#makeParent(item.path)?.has(basename(item.path)) === false;
      if (!looked || !mayUseAll()) {
        const target = new FileTarget(item.path, overwrite);
        replaced = target.needFree(looked, this.options.resume);
        overwrite = target.overwrite;
      }
    } catch (error) {
      this.#failedLocally(item, error);
      return ended();
    }
    const small = new SmallDownload(item.remote);
    connection.transfer("DOWNLOAD", { filename: item.remote }, {
      onInterim: (reply) => small.announce(reply),
      onData: (piece) => small.add(piece),
      onEnd: (reply) => {
        this.#end(item, small, reply, ended, (content) => {
          this.#store(item, content, replaced, overwrite);
        });
      },
      onLost: (error) => {
        small.drop();
        ended(error);
      },
    });
  }

  /** Writes what came, once the server has confirmed it. */
  #store(
    item: DownloadItem,
    { bytes, announced: { mtime, mode: sentMode } }: SmallContent,
    replaced: Attributes | undefined,
    overwrite: boolean,
  ): void {
    const usual = () => this.#usualMode(item.path);
    const mode = modeToSet(sentMode, this.client.chmod, replaced === undefined, usual);
    storeSmall(item.path, bytes, { mtime, replaced, mode, overwrite });
  }

  #end(
    item: DownloadItem,
    small: SmallDownload,
    reply: Reply,
    ended: Ended,
    store: (content: SmallContent) => void,
  ): void {
    if (reply.status === "OK" && small.isLarge) { // it has grown since
      return void this.alone(item).then(() => ended(), ended);
    }
    try {
      if (reply.status !== "OK") {
        throw replyError(reply, `Cannot download ${quoted(item.remote)}`, item.remote);
      }
      const content = small.verified();
      store(content);
      this.#forget(item);
      const { size, hash } = content.announced;
      this.events.onProgress?.(item, size);
      this.events.onDone?.(item, { filename: item.path, size, hash, resumedFrom: 0 });
      ended();
    } catch (error) {
      if (isRetryable(error)) return ended(error);
      this.#failedLocally(item, error);
      ended();
    } finally {
      small.drop(); // the bytes are on disk, or not wanted
    }
  }

  async alone(item: DownloadItem): Promise<void> {
    this.events.onStart?.(item);
    try {
      if (await this.#isHere(item)) return;
      this.#makeParent(item.path);
      const result = await downloadFile(this.client, item.remote, item.path, {
        ...this.options,
        onSize: (size) => this.events.onSize?.(item, size),
        onResume: (offset) => this.events.onResume?.(item, offset),
        onProgress: (offset) => this.events.onProgress?.(item, offset),
      });
      this.events.onDone?.(item, result);
    } catch (error) {
      // Retries are exhausted, or interrupted: the other files would fail too.
      if (error instanceof ConnectionLost || this.client.signal?.aborted) throw error;
      this.#failedLocally(item, error);
    }
  }

  failed(item: DownloadItem, error: ClientError): void {
    error.filename ??= item.remote;
    this.events.onError?.(item, error);
  }

  #failedLocally(item: DownloadItem, error: unknown): void {
    this.failed(item, localError(error, `Cannot write ${quoted(item.path)}`, item.path));
  }

  /** The bits of any new file in a directory: found once, as finding them makes a file. */
  #usualMode(path: string): number | undefined {
    const directory = dirname(path);
    if (!this.#usualModes.has(directory)) this.#usualModes.set(directory, newFileMode(path));
    return this.#usualModes.get(directory);
  }

  /** With `resume`: whether an earlier try has finished this file. */
  async #isHere(item: DownloadItem): Promise<boolean> {
    if (!this.options.resume || typeof item.hash !== "string") return false;
    let file: Deno.FsFile | undefined;
    try {
      const info = Deno.lstatSync(item.path);
      if (!info.isFile || info.size !== item.size) return false;
      file = Deno.openSync(item.path, { read: true });
      const open = file;
      const hash = new PrefixHash();
      await hash.goTo(info.size, {
        read: (into) => open.readSync(into) ?? 0,
        seek: (offset) => void open.seekSync(offset, Deno.SeekMode.Start),
      });
      if (hash.digest() !== item.hash) return false;
    } catch {
      return false;
    } finally {
      file?.close();
    }
    this.#forget(item);
    const { path: filename, size, hash } = item;
    this.events.onProgress?.(item, size);
    this.events.onDone?.(item, { filename, size, hash, resumedFrom: size, skipped: true });
    return true;
  }

  /** Drops what an earlier run left of a file that is here now. */
  #forget({ path }: DownloadItem): void {
    this.#begun ??= this.#listBegun();
    const state = this.#begun.get(path);
    if (state === undefined) return;
    removePart({ path: state.part, inode: state.inode }, path);
    this.client.memory.forget(state);
  }

  #listBegun(): Map<string, DownloadState> {
    const { memory, endpoint, identity } = this.client;
    const states = memory.list(endpoint.name, identity.username);
    return new Map(
      states.filter((state) => state.kind === "download").map((state) => [state.local, state]),
    );
  }

  /**
   * Creates the directory of a file if it is missing.
   *
   * @returns the names in it; checking each name by itself costs more than all other calls together
   */
  #makeParent(path: string): ReadonlySet<string> | undefined {
    const parent = dirname(path);
    const known = this.#parents.get(parent);
    if (known !== undefined || this.#parents.has(parent)) return known;
    // With permission for single files alone, the directory is there or the file cannot be made.
    if (mayWrite(parent)) Deno.mkdirSync(parent, { recursive: true });
    const names = mayRead(parent)
      ? new Set(Array.from(Deno.readDirSync(parent), ({ name }) => name))
      : undefined;
    this.#parents.set(parent, names);
    return names;
  }
}
