import type { PartContent } from "../store.ts";
import { readAt, readAtPatiently } from "./local_tree.ts";
import { toStoreError } from "./os_error.ts";
import { QUICK_BYTES } from "./syncing.ts";

/** The content of an unfinished upload in a file. */
export class LocalPart implements PartContent {
  #at = 0;
  #written = 0;

  /** @param syncing `quick`: blocking syncs of small parts cost next to nothing */
  constructor(
    readonly file: Deno.FsFile,
    readonly id: string,
    readonly syncing: "no" | "quick" | "background",
  ) {}

  size(): Promise<number> {
    return Promise.resolve(this.file.statSync().size);
  }

  write(bytes: Uint8Array, offsetBytes: number): void {
    try {
      if (this.#at !== offsetBytes) this.file.seekSync(offsetBytes, Deno.SeekMode.Start);
      // write() may be short before the disk is full.
      let done = this.file.writeSync(bytes);
      while (done < bytes.length) done += this.file.writeSync(bytes.subarray(done));
      this.#at = offsetBytes + done;
      this.#written += done;
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

  async readPatiently(into: Uint8Array, offsetBytes: number): Promise<number> {
    try {
      const count = await readAtPatiently(this.file, into, offsetBytes, this.#at);
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

  setModified(mtimeMs: number): void {
    this.file.utimeSync(new Date(mtimeMs), new Date(mtimeMs));
  }

  sync(): void | Promise<void> {
    if (this.syncing === "no") return;
    if (this.syncing === "quick" && this.#written <= QUICK_BYTES) {
      try {
        this.file.syncSync();
      } catch (error) {
        throw toStoreError(error, this.id);
      }
      return;
    }
    return this.file.sync().catch((error) => {
      throw toStoreError(error, this.id);
    });
  }

  close(): void {
    this.file.close();
  }
}
