// Memory that has been touched, for those who are about to write.

import { statfsSync } from "node:fs";

/** Small, so that free memory that lies in pieces is taken before what lies in one. */
const BLOCK = 64 * 1024;
/** Factor of the bytes to be written: a kernel first hands out small pieces of untouched memory. */
const TIMES = 2;
/** Number of tmpfs in statfs(2). */
const TMPFS_MAGIC = 0x01021994;
/** So much is always free for who writes, and no more: what is free for long is taken back. */
const AHEAD_BYTES = 256 * 1024 * 1024;
const LOOK_MS = 50;

/**
 * Holds memory in a file on tmpfs, and frees it at the pace at which others fill the file system.
 * In a virtual machine the first touch of a page is many times slower than later ones, as the host
 * takes free memory back after some seconds; without this, the cost would hit a random contender.
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

  /** Space it needs at first, if `bytes` are to be written. */
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
