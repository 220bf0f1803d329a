/** Work of which a bounded number runs at the same time. */
export class Lanes {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(private readonly max: number) {}

  /**
   * Begins work once a lane is free.
   *
   * @returns resolves when the work has begun; its member when it is done. The first failure of any
   * work fails all later calls
   */
  async begin(work: () => Promise<void>): Promise<{ done: Promise<void> }> {
    while (this.#running >= this.max) {
      await new Promise<void>((go) => this.#waiting.push(go));
    }
    this.assertSound();
    this.#running++;
    const done = work().catch((error) => {
      this.#failure ??= { error };
      throw error;
    }).finally(() => {
      this.#running--;
      this.#waiting.shift()?.();
    });
    done.catch(() => {}); // awaited later
    return { done };
  }

  /** @throws the first failure of any work */
  assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
