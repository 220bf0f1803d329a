/** A queue of items to transfer, with several consumers. */

/** All items at once, or page by page as they are found. */
export type Items<T> = Iterable<T> | AsyncIterable<T[]>;

/** One item of work, with the tries it has taken. */
export interface Task<T> {
  readonly item: T;
  /** Tries that a lost connection ended. */
  tries: number;
}

/** A queue of items; those to be retried come first. */
export class Queue<T> {
  #items: Iterator<T>;
  readonly #pages: T[][] = [];
  readonly #again: Task<T>[] = [];
  #open = false;
  #stopped = false;
  #failure: unknown;
  #change = Promise.withResolvers<void>();

  /** @param signal ends every wait for more */
  constructor(items: Items<T>, readonly signal: AbortSignal | undefined) {
    const atOnce = Symbol.iterator in items ? items : [];
    this.#items = atOnce[Symbol.iterator]();
    if (items === atOnce) return;
    this.#open = true;
    signal?.addEventListener("abort", () => this.#changed(), { once: true });
    this.#find(items as AsyncIterable<T[]>);
  }

  /** Whether more may be found. */
  get open(): boolean {
    return this.#open;
  }

  /** Why not all was found. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The next, where there is one now. */
  take(): Task<T> | undefined {
    const again = this.#again.pop();
    if (again !== undefined) return again;
    for (;;) {
      const next = this.#items.next();
      if (!next.done) return { item: next.value, tries: 0 };
      const page = this.#pages.shift();
      if (page === undefined) return undefined;
      this.#items = page[Symbol.iterator]();
    }
  }

  putBack(task: Task<T>): void {
    this.#again.push(task);
  }

  /** Resolves once there may be more to take, there is no more to find, or the signal came. */
  more(): Promise<void> {
    const waits = this.#open && this.#pages.length === 0 && !this.signal?.aborted;
    return waits ? this.#change.promise : Promise.resolve();
  }

  /** Ends the search for further items. */
  stop(): void {
    this.#stopped = true;
  }

  async #find(pages: AsyncIterable<T[]>): Promise<void> {
    try {
      for await (const page of pages) {
        if (this.#stopped) return;
        this.#pages.push(page);
        this.#changed();
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#open = false;
      this.#changed();
    }
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
