import { StoreError } from "../contract/error.ts";
import type { RunningHash } from "../contract/running_hash.ts";

/** Bytes that may come before those of the prefix are hashed; more wait. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

/**
 * The check of a resumed upload's first bytes, which the engine still reads while more come. SHA-256
 * takes bytes in order alone, so the new ones are kept until it has reached them.
 */
export class PrefixCheck {
  /** Resolves with the hash of all bytes; rejects where the prefix is damaged. */
  readonly done: Promise<RunningHash>;
  #behind: Uint8Array[] = [];
  #behindBytes = 0;
  #stop: (why: StoreError) => void;

  /**
   * @param prefix hash of the prefix, once it agrees with what was recorded
   * @param recorded SHA-256 of the prefix in hex, as it was recorded
   */
  constructor(prefix: Promise<RunningHash>, readonly recorded: string) {
    const { promise, resolve, reject } = Promise.withResolvers<RunningHash>();
    prefix.then((hash) => {
      for (const bytes of this.#behind) hash.update(bytes);
      resolve(hash);
    }, reject);
    this.done = promise;
    this.#stop = reject;
    promise.catch(() => {}); // who waits for it gets the error
  }

  /** Whether the next bytes have to wait. */
  get isFull(): boolean {
    return this.#behindBytes >= MAX_BEHIND_BYTES;
  }

  /** Whether bytes came behind the prefix. */
  get hasMore(): boolean {
    return this.#behindBytes > 0;
  }

  /** Copies bytes that came next. */
  add(bytes: Uint8Array): void {
    this.#behind.push(bytes.slice());
    this.#behindBytes += bytes.length;
  }

  /** Waits until it is done, whether the prefix is sound or not, but no longer than that. */
  async within(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([this.done.then(() => {}, () => {}), promise]);
    clearTimeout(timer);
  }

  /** Ends the wait of all: the upload is given up by its writer. */
  stop(): void {
    this.#behind = [];
    this.#stop(new StoreError("aborted", "The upload has ended before its content was checked"));
  }
}
