/** A file that an upload became. */
export interface FinishedUpload {
  readonly account: string;
  /** Path as the uploader sees it. */
  readonly path: string;
  readonly size: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

/** How long it is remembered what became of an upload, and of how many. */
const MEMORY_MS = 15 * 60_000;
const MOST_REMEMBERED = 5000;

/**
 * What became of uploads that ended a moment ago: the reply that said so may have been lost, and
 * the client asks again.
 */
export class FinishedUploads {
  readonly #finished = new Map<string, FinishedUpload & { untilMs: number }>();

  /** Remembers one. */
  add(id: string, upload: FinishedUpload): void {
    if (this.#finished.size >= MOST_REMEMBERED) {
      this.#finished.delete(this.#finished.keys().next().value!);
    }
    this.#finished.set(id, { ...upload, untilMs: performance.now() + MEMORY_MS });
  }

  /** The file that an upload of this account became, where that is remembered. */
  find(id: string, account: string): FinishedUpload | undefined {
    const found = this.#finished.get(id);
    if (found === undefined || found.account !== account) return undefined;
    if (found.untilMs > performance.now()) return found;
    this.#finished.delete(id);
    return undefined;
  }
}
