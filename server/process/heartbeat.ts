/** Notices a worker that answers no more, or that is about to run out of memory. */

/** Pause between two questions, in ms. Tests shorten it before they start a server. */
export const BEAT = { ms: 5000 };
/**
 * Maximum of unanswered questions. They are counted, not timed: while the machine sleeps, or this
 * thread gets no processor, none is sent. So only a thread that has not returned to its event loop
 * for half a minute exceeds it.
 */
const MAX_UNANSWERED = 6;
/**
 * The same while the thread loads the program: the first time, Deno compiles it, which takes a slow
 * or busy machine more than half a minute.
 */
const MAX_UNANSWERED_LOADING = 60;
/** A heap that is fuller, twice in a row, will end the whole process. */
const MAX_HEAP_SHARE = 0.85;

/** Asks a worker again and again, from the moment its thread is started until it is ended. */
export class Heartbeat {
  #unanswered = 0;
  #maxUnanswered = MAX_UNANSWERED_LOADING;
  #fullBeats = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param report one of its functions is called once, with the reason as a sentence
   * @param tolerance factor by which more questions may be unanswered between
   * {@linkcode hasLoaded} and {@linkcode hasStarted}
   */
  constructor(
    private readonly ask: () => void,
    private readonly report: Record<"silent" | "full", (reason: string) => void>,
    private readonly tolerance = 1,
  ) {
    this.#timer = setInterval(() => this.#beat(), BEAT.ms);
  }

  /** Records an answer. @param heapShare used part of the maximum heap, from 0 to 1 */
  heard(heapShare: number): void {
    this.#unanswered = 0;
    this.#fullBeats = heapShare > MAX_HEAP_SHARE ? this.#fullBeats + 1 : 0;
    if (this.#fullBeats < 2) return;
    this.end();
    this.report.full(
      `Its memory is full: ${Math.round(heapShare * 100)} % of its limit is in use`,
    );
  }

  /** Notes that the worker has loaded the program, and begins to start. */
  hasLoaded(): void {
    this.#unanswered = 0;
    this.#maxUnanswered = this.tolerance * MAX_UNANSWERED;
  }

  /** Notes that the worker has started: from now on it must answer within the usual time. */
  hasStarted(): void {
    this.#maxUnanswered = MAX_UNANSWERED;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (this.#unanswered >= this.#maxUnanswered) {
      const seconds = this.#unanswered * BEAT.ms / 1000;
      this.end();
      return this.report.silent(`It has not answered for ${seconds} s`);
    }
    this.#unanswered++;
    this.ask();
  }
}
