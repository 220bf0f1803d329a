/** V8's collector, where the program runs with `--expose-gc`. */
interface Collector {
  gc?: (options: { type: "major"; flavor: "last-resort" }) => void;
}

/**
 * Returns the memory that this thread needs no more, down to code that runs only once. A thread that
 * allocates little keeps the garbage of its start otherwise: V8 collects when a heap grows.
 */
export function collectGarbage(): void {
  (globalThis as Collector).gc?.({ type: "major", flavor: "last-resort" });
}
