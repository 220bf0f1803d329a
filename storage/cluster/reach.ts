/** Whether the systems that all nodes share answer: known at any time without waiting for them. */
import { type EngineFault } from "../contract/engine.ts";
import { isStoreError } from "../contract/error.ts";

/** A system that is looked at. */
export interface Reached {
  /** Its name, as in `database`. */
  readonly part: string;
  /** Asks it a short question. @throws {StoreError} where it does not answer, or refuses */
  look(): Promise<unknown>;
  /** Number of its answers to other calls: while that grows, no look is needed. @default none */
  readonly answers?: () => number;
}

/** Called when a system is lost, with the reason, and when it answers again. */
export type OnFault = (part: string, reason: string | undefined) => void;

/** Interval of the ticks, ms. */
const TICK_MS = 500;
/** A look begins in every second tick. */
const LOOK_TICKS = 2;
/** Ticks that a look may take. They are counted, so that a process that was frozen accuses no one. */
const MAX_TICKS = 4;
/** Looks that fail in a row before the system counts as lost: a single one may hit a closed connection. */
const MAX_FAILURES = 2;

/** Looks at systems now and then. */
export class Reach {
  readonly #watches: Watch[];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(systems: readonly Reached[], onFault: OnFault = () => {}) {
    this.#watches = systems.map((system) => new Watch(system, onFault));
    this.#timer = setInterval(() => {
      for (const watch of this.#watches) watch.tick();
    }, TICK_MS);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** Those that do not answer now. */
  get faults(): EngineFault[] {
    return this.#watches.flatMap(({ part, reason }) =>
      reason === undefined ? [] : [{ part, reason }]
    );
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** The state of one system. */
class Watch {
  readonly part: string;
  #reason: string | undefined;
  #ticks = 0;
  /** Ticks since the look that is on its way began; undefined: none is. */
  #waited: number | undefined;
  #failures = 0;
  #answers = 0;

  constructor(private readonly system: Reached, private readonly onFault: OnFault) {
    this.part = system.part;
  }

  /** Why it counts as lost; undefined: it answers. */
  get reason(): string | undefined {
    return this.#reason;
  }

  #set(reason: string | undefined): void {
    const isNews = (reason === undefined) !== (this.#reason === undefined);
    this.#reason = reason;
    if (isNews) this.onFault(this.part, reason);
  }

  tick(): void {
    const answers = this.system.answers?.() ?? 0;
    if (answers !== this.#answers) {
      this.#answers = answers;
      this.#answered();
    }
    if (this.#waited !== undefined && ++this.#waited >= MAX_TICKS) {
      this.#set(
        this.#reason ?? `The ${this.part} does not answer: check that it runs and is reachable`,
      );
    }
    const isDue = ++this.#ticks >= LOOK_TICKS || this.#failures > 0;
    if (isDue && this.#waited === undefined) void this.#look();
  }

  #answered(): void {
    this.#ticks = this.#failures = 0;
    this.#set(undefined);
    if (this.#waited !== undefined) this.#waited = 0;
  }

  async #look(): Promise<void> {
    this.#waited = 0;
    try {
      await this.system.look();
      this.#answered();
    } catch (error) {
      const reason = isStoreError(error) ? error.reason(null) : String(error);
      if (++this.#failures >= MAX_FAILURES) this.#set(reason);
    } finally {
      this.#waited = undefined;
    }
  }
}
