/** Reading of open files, at once or on another thread. */
import type { VirtualPath } from "../../contract/path.ts";
import type { Content } from "../../contract/entry.ts";
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

  // deno-lint-ignore require-await -- what a blocking read throws is a rejection
  async read(into: Uint8Array, offsetBytes: number): Promise<number> {
    try {
      const count = readAt(this.file, into, offsetBytes, this.#at);
      this.#at = offsetBytes + count;
      return count;
    } catch (error) {
      throw toStoreError(error, this.path);
    }
  }

  async readAsync(into: Uint8Array, offsetBytes: number): Promise<number> {
    try {
      const count = await readAtAsync(this.file, into, offsetBytes, this.#at);
      this.#at = offsetBytes + count;
      return count;
    } catch (error) {
      throw toStoreError(error, this.path);
    }
  }

  close(): void {
    this.file.close();
  }
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
 * Like {@linkcode readAt}, on another thread. While it waits, the event loop polls its sockets;
 * with constant work it would do so at every 61st turn only.
 */
export async function readAtAsync(
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

/** Reads a file of a known size whole; undefined where it is shorter. */
export function readFile(place: string, size: number): Uint8Array | undefined {
  const file = Deno.openSync(place, { read: true });
  try {
    const bytes = new Uint8Array(size);
    return readAt(file, bytes, 0, 0) === size ? bytes : undefined;
  } finally {
    file.close(); // `using` takes longer, and every small download passes here
  }
}
