import type { Part } from "./part.ts";

/** A checkpoint is begun when this many bytes have come since the last one … */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
/** … or this much time has passed; what a crash costs is bounded by these two. */
const CHECKPOINT_MS = 1000;
/** Fewer bytes than are worth it to the engine wait for this long. */
const SMALL_MS = 15_000;
/** Interval of reports to a sender that waits, ms. */
const REPORT_MS = 5000;
/** An upload waits for its engine where more than this is not safe yet, unless that has a bound. */
const MAX_UNSAFE_BYTES = 40 * 1024 * 1024;

/**
 * Checkpoints of one upload while its bytes arrive, as many at a time as the engine takes. A timer
 * begins those of a sender that has fallen silent.
 */
export class Checkpoints {
  /** Called with the offset that has just become safe. */
  onProgress: ((offset: number) => void) | undefined;
  /** Those that run, in the order in which they were begun and end. */
  #running: Set<Promise<void>> | undefined;
  /** Offset of the last one that was begun. */
  #begunOffset: number;
  #lastMs: number;
  #failure: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer ends, by the clock. */
  #timerMs = 0;
  #isOver = false;

  /**
   * @param record leaves a record of an upload that has none
   * @param now a clock in ms that never goes back
   */
  constructor(
    private readonly part: Part,
    private readonly record: () => Promise<void> = () => Promise.resolve(),
    private readonly now: () => number = monotonicMs,
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
    while (this.#count > 0) await Promise.all(this.#running!);
  }

  /** Reports how far it is while its sender has to wait. */
  async reportingDuring(work: Promise<void>): Promise<void> {
    const report = () => this.onProgress?.(this.part.safeOffset);
    const reporting = setInterval(report, REPORT_MS);
    try {
      await work;
    } finally {
      clearInterval(reporting);
    }
  }

  /** Begins no more, and resolves once none is running; undefined where none is. */
  end(): Promise<void> | undefined {
    this.#isOver = true;
    clearTimeout(this.#timer);
    return this.#count === 0 ? undefined : this.settled();
  }

  /** Begins one if it is due. @returns undefined where more bytes may come at once */
  take(): Promise<void> | undefined {
    if (this.part.content.recorded && this.#isDue) this.#begin();
    this.#startTimer();
    if (this.#mustWait) return this.#safer();
  }

  /** How many run. */
  get #count(): number {
    return this.#running?.size ?? 0;
  }

  async #safer(): Promise<void> {
    while (this.#mustWait) {
      const [first] = this.#running!;
      await first;
    }
  }

  get #mustWait(): boolean {
    const { maxUnsafeBytes = MAX_UNSAFE_BYTES } = this.part.content;
    return this.#count > 0 && this.part.offset - this.part.safeOffset > maxUnsafeBytes;
  }

  /** Bytes since the last one that was begun. */
  get #newBytes(): number {
    // An upload that was cut back has begun none behind its end.
    const begun = Math.min(this.#begunOffset, this.part.offset);
    return this.part.offset - Math.max(begun, this.part.safeOffset);
  }

  /** When the next one is due, by the clock. */
  get #dueMs(): number {
    const bytes = this.#newBytes;
    if (bytes >= CHECKPOINT_BYTES) return this.#lastMs;
    const { leastCheckpointBytes = 0 } = this.part.content;
    return this.#lastMs + (bytes < leastCheckpointBytes ? SMALL_MS : CHECKPOINT_MS);
  }

  get #isDue(): boolean {
    return this.#dueMs <= this.now();
  }

  /** For the case that no more bytes come to begin one. */
  #startTimer(): void {
    const { record, content, offset } = this.part;
    // A file in one piece, as most small ones are, ends at once.
    const endsNow = !content.recorded && offset === record.sizeBytes;
    const wanted = !this.#isOver && this.#count === 0 && this.#failure === undefined &&
      this.#newBytes > 0 && !endsNow;
    if (!wanted) return;
    const atMs = this.#dueMs;
    if (this.#timer !== undefined) {
      // By now so much may have come that it is due earlier.
      if (atMs >= this.#timerMs) return;
      clearTimeout(this.#timer);
    }
    this.#timerMs = atMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#newBytes > 0 && this.#isDue) this.#begin();
      this.#startTimer();
    }, Math.max(0, atMs - this.now()));
  }

  #begin(): void {
    const { parallelCheckpoints = 1 } = this.part.content;
    if (this.#count >= parallelCheckpoints || this.#isOver) return;
    this.#lastMs = this.now();
    this.#begunOffset = this.part.offset;
    const running = this.#checkpoint()
      .then((offset) => this.onProgress?.(offset))
      .catch((error) => void (this.#failure ??= error)) // the next write reports it
      .finally(() => {
        this.#running!.delete(running);
        this.#startTimer();
      });
    (this.#running ??= new Set()).add(running);
  }

  async #checkpoint(): Promise<number> {
    if (!this.part.content.recorded) await this.record();
    return await this.part.checkpoint();
  }
}

function monotonicMs(): number {
  return performance.now();
}
