import type { StoredPart } from "../interfaces/store.ts";
import { mayBeChanged, mtimeOf } from "./file_times.ts";
import { readAt, readAtAsync } from "./local_content.ts";
import { toStoreError } from "./os_error.ts";
import { QUICK_BYTES } from "./syncing.ts";

/** Writes of at least this many bytes are handed to another thread, unless they are quick. */
const BACKGROUND_BYTES = 64 * 1024;
/** A blocking write is quick where it is a copy to memory: no more than so long for each MiB. */
const QUICK_MS_PER_MIB = 1;
/** Writes that are handed over after one that was not, before a blocking one is tried again. */
const ASYNC_WRITES = 16;

/** The content of an unfinished upload in a file. */
export class LocalPart implements StoredPart {
  #at = 0;
  #written = 0;
  #asyncLeft = 0;
  #syncs: Deno.FsFile | undefined;

  /** @param syncing `quick`: blocking writes, and syncs of small parts, cost next to nothing */
  constructor(
    readonly file: Deno.FsFile,
    readonly place: string,
    readonly id: string,
    readonly syncing: "no" | "quick" | "background",
  ) {}

  size(): Promise<number> {
    return Promise.resolve(this.file.statSync().size);
  }

  write(bytes: Uint8Array, offsetBytes: number): void | Promise<void> {
    try {
      if (this.#at !== offsetBytes) this.file.seekSync(offsetBytes, Deno.SeekMode.Start);
      this.#at = offsetBytes + bytes.length;
      this.#written += bytes.length;
      const large = bytes.length >= BACKGROUND_BYTES;
      if (large && this.#nextIsAsync()) return this.#writeInBackground(bytes);
      const begunMs = large ? performance.now() : 0;
      // write() may be short before the disk is full.
      for (let rest = bytes; rest.length > 0;) {
        const done = this.file.writeSync(rest);
        if (done === rest.length) break;
        rest = rest.subarray(done);
      }
      const quickMs = QUICK_MS_PER_MIB * bytes.length / 1048576;
      if (large && performance.now() - begunMs > quickMs) this.#asyncLeft = ASYNC_WRITES;
    } catch (error) {
      this.#at = -1;
      throw toStoreError(error, this.id);
    }
  }

  claim(): boolean {
    try {
      // The lock belongs to the open file: a write on another thread keeps both.
      return this.file.tryLockSync(true);
    } catch {
      return true; // a file system without locks
    }
  }

  /**
   * Whether the next large write goes to another thread, so that others are served meanwhile. Where
   * it is quick that costs more than the write: the bytes leave the processor's own cache.
   */
  #nextIsAsync(): boolean {
    if (this.syncing !== "quick") return true;
    return this.#asyncLeft > 0 && this.#asyncLeft-- > 0;
  }

  async #writeInBackground(bytes: Uint8Array): Promise<void> {
    try {
      let done = await this.file.write(bytes);
      while (done < bytes.length) done += await this.file.write(bytes.subarray(done));
    } catch (error) {
      this.#at = -1;
      throw toStoreError(error, this.id);
    }
  }

  read(into: Uint8Array, offsetBytes: number): number {
    try {
      const count = readAt(this.file, into, offsetBytes, this.#at);
      this.#at = offsetBytes + count;
      return count;
    } catch (error) {
      throw toStoreError(error, this.id);
    }
  }

  async readAsync(into: Uint8Array, offsetBytes: number): Promise<number> {
    try {
      const count = await readAtAsync(this.file, into, offsetBytes, this.#at);
      this.#at = offsetBytes + count;
      return count;
    } catch (error) {
      throw toStoreError(error, this.id);
    }
  }

  async truncate(sizeBytes: number): Promise<void> {
    try {
      await this.file.truncate(sizeBytes);
      this.#at = -1;
    } catch (error) {
      throw toStoreError(error, this.id);
    }
  }

  setModified(mtimeMs: number): number {
    const time = new Date(mtimeMs);
    this.file.utimeSync(time, time);
    return mayBeChanged(mtimeMs) ? mtimeOf(this.file.statSync()) : mtimeMs;
  }

  sync(isLast = false): void | Promise<void> {
    if (this.syncing === "no") return;
    if (this.syncing === "quick" && this.#written <= QUICK_BYTES) {
      try {
        this.file.syncSync();
      } catch (error) {
        throw toStoreError(error, this.id);
      }
      return;
    }
    return this.#syncInBackground(isLast);
  }

  /**
   * By a handle of its own, as writes would wait behind the sync on the other; where nothing is
   * written after it, that costs a small file more than the write.
   */
  async #syncInBackground(isLast: boolean): Promise<void> {
    try {
      if (!isLast) this.#syncs ??= Deno.openSync(this.place, { write: true });
      await (this.#syncs ?? this.file).sync();
    } catch (error) {
      throw toStoreError(error, this.id);
    }
  }

  close(): void {
    this.#syncs?.close();
    this.file.close();
  }
}
