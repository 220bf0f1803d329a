// Memory that has been touched, for those who are about to write.

import { statfsSync } from "node:fs";

/** Small, so that free memory that lies in pieces is taken before what lies in one. */
const BLOCK = 64 * 1024;
/** Of so many times what will be written: a kernel gives away small pieces of untouched memory first. */
const TIMES = 2;
/** What statfs(2) calls a tmpfs. */
const TMPFS_MAGIC = 0x01021994;
/** So much is always free for who writes, and no more: what is free for long is taken back. */
const AHEAD_BYTES = 256 * 1024 * 1024;
const LOOK_MS = 50;

/**
 * Holds memory in a file on tmpfs, and gives it up at the pace at which others fill the file system.
 * The first touch of a page is many times slower than later ones in a virtual machine, whose host
 * takes free memory back after some seconds; it would be charged to whoever happens to meet it.
 */
export class WarmMemory implements Disposable {
  readonly #path: string;
  readonly #usedBefore: number;
  #bytes = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param directory on the tmpfs
   * @param bytes as much as will be written
   */
  constructor(readonly directory: string, bytes: number) {
    this.#usedBefore = usedBytes(directory);
    this.#path = `${directory}/warm`;
    const onTmpfs = statfsSync(directory).type === TMPFS_MAGIC; // a disk holds no memory
    const held = onTmpfs ? WarmMemory.bytesFor(bytes) : 0;
    using file = Deno.openSync(this.#path, { write: true, create: true, truncate: true });
    const block = new Uint8Array(BLOCK);
    while (this.#bytes < held) this.#bytes += file.writeSync(block);
    this.#timer = setInterval(() => this.#follow(held), LOOK_MS);
    this.#follow(held);
  }

  /** What it takes of the file system at first, for so many bytes to be written. */
  static bytesFor(bytes: number): number {
    return TIMES * bytes;
  }

  #follow(allBytes: number): void {
    const filled = usedBytes(this.directory) - this.#usedBefore - this.#bytes;
    const wanted = Math.max(0, allBytes - filled - AHEAD_BYTES);
    if (wanted >= this.#bytes) return;
    Deno.truncateSync(this.#path, wanted);
    this.#bytes = wanted;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    Deno.removeSync(this.#path);
  }
}

function usedBytes(directory: string): number {
  const { blocks, bfree, bsize } = statfsSync(directory);
  return (blocks - bfree) * bsize;
}
