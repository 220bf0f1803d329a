/** Bytes that the buffers of all uploads of a worker may hold together, unless it is given another. */
export const BUDGET_BYTES = 32 * 1024 * 1024;
/** Bytes of a whole chunk. Chunks are used again: what waits for a collector would count twice. */
const CHUNK_BYTES = 256 * 1024;
/** Smallest chunk, bytes. */
const LEAST_BYTES = 4096;
/** Bytes of whole chunks that are kept while no upload has any. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** An upload with bytes in memory. */
export interface Buffering {
  /** Bytes that could be stored. */
  readonly bufferedBytes: number;
  /** Begins to store them. */
  flush(): void;
}

/**
 * The budget that the buffers of all uploads share. An upload waits for it. Where it is used up, the
 * uploads with most bytes are made to store them, so that one that is silent keeps no other waiting.
 */
export class UploadBudget {
  #used = 0;
  readonly #waiting: { bytes: number; go: () => void }[] = [];
  readonly #buffering = new Set<Buffering>();
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(private readonly limit = BUDGET_BYTES) {}

  /** Bytes that are in use. */
  get used(): number {
    return this.#used;
  }

  /** Resolves once there is room; one upload always gets what it asks for. */
  async take(upload: Buffering, bytes: number): Promise<void> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      const free = new Promise<void>((go) => this.#waiting.push({ bytes, go }));
      this.#relieve();
      await free;
    } else {
      this.#used += bytes;
    }
    this.#buffering.add(upload);
  }

  /** Gives bytes back. */
  free(bytes: number): void {
    this.#used -= bytes;
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.bytes)) {
      const { bytes, go } = this.#waiting.shift()!;
      this.#used += bytes;
      go();
    }
    if (this.#waiting.length > 0) this.#relieve();
    if (this.#used > 0) return;
    // At once, and not when garbage is collected the next time.
    for (const chunk of this.#spare.splice(KEPT_BYTES / CHUNK_BYTES)) chunk.buffer.transfer(0);
  }

  /** Memory for bytes that were taken. @param bytes about as many, up to a whole chunk */
  chunk(bytes: number): Uint8Array<ArrayBuffer> {
    const spare = bytes < CHUNK_BYTES ? undefined : this.#spare.pop();
    return spare ?? new Uint8Array(Math.max(LEAST_BYTES, Math.min(bytes, CHUNK_BYTES)));
  }

  /** Gives chunks back that nothing reads any more. */
  reuse(chunks: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const chunk of chunks) {
      if (chunk.length === CHUNK_BYTES) this.#spare.push(chunk);
    }
  }

  /** An upload has nothing to store any more. */
  emptied(upload: Buffering): void {
    this.#buffering.delete(upload);
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.limit;
  }

  #relieve(): void {
    const byBytes = [...this.#buffering].sort((a, b) => b.bufferedBytes - a.bufferedBytes);
    let wanted = this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const upload of byBytes) {
      if (wanted <= 0) break;
      wanted -= upload.bufferedBytes;
      upload.flush();
    }
  }
}
