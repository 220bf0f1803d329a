/** Reading of open files, at once or on another thread. */
import type { VirtualPath } from "../path.ts";
import type { Inode } from "../proofs.ts";
import type { Content } from "../store.ts";
import { toStoreError } from "./os_error.ts";

/** A file of a tree, opened for reading. */
export class LocalContent implements Content {
  #at = 0;
  constructor(
    readonly file: Deno.FsFile,
    readonly size: number,
    readonly mtimeMs: number,
    readonly path: VirtualPath,
  ) {}

  read(into: Uint8Array, offsetBytes: number): number {
    try {
      const count = readAt(this.file, into, offsetBytes, this.#at);
      this.#at = offsetBytes + count;
      return count;
    } catch (error) {
      throw toStoreError(error, this.path);
    }
  }

  async readPatiently(into: Uint8Array, offsetBytes: number): Promise<number> {
    try {
      const count = await readAtPatiently(this.file, into, offsetBytes, this.#at);
      this.#at = offsetBytes + count;
      return count;
    } catch (error) {
      throw toStoreError(error, this.path);
    }
  }

  inode(): Inode | undefined {
    return inodeOf(this.file);
  }

  close(): void {
    this.file.close();
  }
}

/** The present state of an open file; undefined where the system does not tell it. */
export function inodeOf(file: Deno.FsFile): Inode | undefined {
  const { dev, ino, size, ctime } = file.statSync();
  if (ino === null || ctime === null) return undefined;
  const changedMs = ctime.getTime();
  return { state: `${dev}:${ino}:${size}:${changedMs}`, changedMs };
}

/** Fills `into` from `offset` on, seeking only where the file's position is elsewhere. */
export function readAt(file: Deno.FsFile, into: Uint8Array, offset: number, at: number): number {
  if (at !== offset) file.seekSync(offset, Deno.SeekMode.Start);
  let count = 0;
  while (count < into.length) {
    const read = file.readSync(count === 0 ? into : into.subarray(count));
    if (read === null || read === 0) break;
    count += read;
  }
  return count;
}

/**
 * As {@linkcode readAt}, on another thread. The event loop waits for it, which is what lets it look
 * at its sockets: with work always at hand it does that at every 61st turn only.
 */
export async function readAtPatiently(
  file: Deno.FsFile,
  into: Uint8Array,
  offset: number,
  at: number,
): Promise<number> {
  if (at !== offset) file.seekSync(offset, Deno.SeekMode.Start);
  let count = 0;
  while (count < into.length) {
    const read = await file.read(count === 0 ? into : into.subarray(count));
    if (read === null || read === 0) break;
    count += read;
  }
  return count;
}
