/** Progress of the running transfers; views draw it. */

/** A transfer that runs. */
export interface Running {
  name: string;
  /** Bytes; undefined while not known. */
  size: number | undefined;
  offset: number;
  /** `performance.now()` when it began. */
  since: number;
  rate: Rate;
}

/** Draws progress; called about ten times a second, and once at the end. */
export interface ProgressView {
  draw(progress: Progress): void;
  end(): void;
}

const TICK_MS = 100;

/** The whole of a command's transfers. */
export class Progress {
  readonly running = new Map<unknown, Running>();
  readonly whole: Running = { name: "", size: 0, offset: 0, since: 0, rate: new Rate() };
  /** Files finished, failed ones included. */
  finished = 0;
  /** Files in all, as far as is known. */
  files = 0;
  readonly #views: ProgressView[];
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  constructor(views: ProgressView[]) {
    this.#views = views;
    this.whole.since = performance.now();
    if (views.length > 0) this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Whether any view shows it. */
  get watched(): boolean {
    return this.#views.length > 0;
  }

  /** More files will be transferred. */
  expect(files: number, bytes: number): void {
    this.files += files;
    this.whole.size! += bytes;
  }

  /** @param key identifies the transfer from now on */
  start(key: unknown, name: string, size: number | undefined): void {
    if (this.running.has(key)) return;
    const since = performance.now();
    this.running.set(key, { name, size, offset: 0, since, rate: new Rate() });
  }

  /** A file's size turned out. */
  resize(key: unknown, size: number): void {
    const running = this.running.get(key);
    if (running === undefined) return;
    this.whole.size! += size - (running.size ?? 0);
    running.size = size;
  }

  /** Records that `offset` bytes of a file have been transferred. */
  moved(key: unknown, offset: number): void {
    const running = this.running.get(key);
    if (running === undefined) return;
    this.whole.offset += offset - running.offset;
    running.offset = offset;
  }

  /** A file is finished; how many seconds it took. */
  finish(key: unknown): number {
    const running = this.running.get(key);
    this.running.delete(key);
    this.finished++;
    return running === undefined ? 0 : (performance.now() - running.since) / 1000;
  }

  /** No more to come. */
  end(): void {
    clearInterval(this.#timer);
    for (const view of this.#views) view.end();
  }

  #tick(): void {
    const now = performance.now();
    this.whole.rate.sample(this.whole.offset, now);
    for (const running of this.running.values()) running.rate.sample(running.offset, now);
    for (const view of this.#views) view.draw(this);
  }
}

const WINDOW_MS = 3000;

/** Bytes per second over the last few seconds. */
export class Rate {
  readonly #samples: { at: number; offset: number }[] = [];

  /** Records the offset of a transfer. */
  sample(offset: number, at: number): void {
    this.#samples.push({ at, offset });
    while (this.#samples.length > 2 && at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
  }

  /** Bytes per second; undefined until there are enough samples. */
  get perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 150) return undefined;
    return (last.offset - first.offset) / (last.at - first.at) * 1000;
  }
}
