import type { Part } from "./part.ts";

/** A checkpoint is begun when this many bytes have come since the last one … */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** … or this much time has passed; what a crash costs is bounded by these two. */
const CHECKPOINT_MS = 1000;
/** Fewer bytes than are worth it to the engine wait for this long. */
const SMALL_MS = 15_000;
/** An upload waits for its disk where more than this is not safe yet. */
const MAX_UNSAFE_BYTES = 40 * 1024 * 1024;

/** Checkpoints of one upload while its bytes arrive, one at a time. */
export class Checkpoints {
  /** Called with the offset that has just become safe. */
  onProgress: ((offset: number) => void) | undefined;
  #running: Promise<void> | undefined;
  #lastMs: number;
  #failure: unknown;

  /** @param now a clock in ms that never goes back */
  constructor(
    private readonly part: Part,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#lastMs = now();
  }

  /** Throws the error of a checkpoint that failed. */
  assertSafe(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves once none is running. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Begins one if it is due. @returns undefined where more bytes may come at once */
  take(): Promise<void> | undefined {
    this.#begin();
    if (this.#running && this.#unsafe > MAX_UNSAFE_BYTES) return this.#safer();
  }

  async #safer(): Promise<void> {
    while (this.#running && this.#unsafe > MAX_UNSAFE_BYTES) await this.#running;
  }

  get #unsafe(): number {
    return this.part.offset - this.part.safeOffset;
  }

  #begin(): void {
    if (this.#running || !this.part.content.recorded) return;
    const now = this.now();
    const { leastCheckpointBytes = 0 } = this.part.content;
    const waitMs = this.#unsafe < leastCheckpointBytes ? SMALL_MS : CHECKPOINT_MS;
    if (this.#unsafe < CHECKPOINT_BYTES && now - this.#lastMs < waitMs) return;
    this.#lastMs = now;
    this.#running = this.part.checkpoint()
      .then((offset) => this.onProgress?.(offset))
      .catch((error) => this.#failure = error) // the next write reports it
      .finally(() => this.#running = undefined);
  }
}
