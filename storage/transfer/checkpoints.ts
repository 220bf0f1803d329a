import type { Part } from "./part.ts";

/** A checkpoint is begun when this many bytes have come since the last one … */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** … or this much time has passed; what a crash costs is bounded by these two. */
const CHECKPOINT_MS = 1000;
/** Fewer bytes than are worth it to the engine wait for this long. */
const SMALL_MS = 15_000;
/** An upload waits for its engine where more than this is not safe yet, unless that has a bound. */
const MAX_UNSAFE_BYTES = 40 * 1024 * 1024;

/** Checkpoints of one upload while its bytes arrive, as many at a time as the engine takes. */
export class Checkpoints {
  /** Called with the offset that has just become safe. */
  onProgress: ((offset: number) => void) | undefined;
  /** Those that run, in the order in which they were begun and end. */
  readonly #running = new Set<Promise<void>>();
  /** Offset of the last one that was begun. */
  #begunOffset: number;
  #lastMs: number;
  #failure: unknown;

  /** @param now a clock in ms that never goes back */
  constructor(
    private readonly part: Part,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#begunOffset = part.safeOffset;
    this.#lastMs = now();
  }

  /** Throws the error of a checkpoint that failed. */
  assertSafe(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves once none is running. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Begins one if it is due. @returns undefined where more bytes may come at once */
  take(): Promise<void> | undefined {
    this.#begin();
    if (this.#mustWait) return this.#safer();
  }

  async #safer(): Promise<void> {
    while (this.#mustWait) {
      const [first] = this.#running;
      await first;
    }
  }

  get #mustWait(): boolean {
    const { maxUnsafeBytes = MAX_UNSAFE_BYTES } = this.part.content;
    return this.#running.size > 0 && this.part.offset - this.part.safeOffset > maxUnsafeBytes;
  }

  #begin(): void {
    const { recorded, parallelCheckpoints = 1, leastCheckpointBytes = 0 } = this.part.content;
    if (this.#running.size >= parallelCheckpoints || !recorded) return;
    const now = this.now();
    // An upload that was cut back has begun none behind its end.
    const begun = Math.min(this.#begunOffset, this.part.offset);
    const bytes = this.part.offset - Math.max(begun, this.part.safeOffset);
    const waitMs = bytes < leastCheckpointBytes ? SMALL_MS : CHECKPOINT_MS;
    if (bytes < CHECKPOINT_BYTES && now - this.#lastMs < waitMs) return;
    this.#lastMs = now;
    this.#begunOffset = this.part.offset;
    const running = this.part.checkpoint()
      .then((offset) => this.onProgress?.(offset))
      .catch((error) => void (this.#failure ??= error)) // the next write reports it
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
