/** How the time of reading a text grows with the text: linear readers stay linear when doubled. */

/** A quadratic reader takes at least ten times as long; below this, noise decides. */
const NOTICEABLE_MS_PER_CHARACTER = 0.002;
/** Four times the text takes four times the time, or sixteen times where it is quadratic. */
const MAX_RATIO = 9;
const RUNS = 10;

const REPEATED = [
  ...[" ", "\t", "a", "1", "/", ".", ",", ":", "-", '"', "%", "*", "[", "\n", "\u00e9"],
  ...["%2f", "a.", ", ", "a=", "a ", '""', "-a ", " :", " (os error 1)", "lookup", "../", "=\t"],
];
const BEFORE = ["", "a", "bytes=", '"', "sha-256=:"];
const BEHIND = ["b", "\u0001", "\n!"];

/**
 * Whether a reader takes more than linear time for one of the texts that are the worst for the usual
 * ways of backtracking. Times are the least of several runs, and compared with each other alone: a
 * busy machine makes both longer.
 *
 * @param length the longest text that the reader is given, in characters
 * @returns the text that takes too long; undefined where there is none
 */
export function superlinear(read: (text: string) => unknown, length: number): string | undefined {
  const noticeableMs = length * NOTICEABLE_MS_PER_CHARACTER;
  for (const repeated of REPEATED) {
    const run = repeated.repeat(Math.ceil(length / repeated.length));
    const quarter = repeated.repeat(Math.ceil(length / repeated.length / 4));
    for (const before of BEFORE) {
      for (const behind of BEHIND) {
        const wholeMs = leastMs(() => read(before + run + behind), noticeableMs);
        if (wholeMs < noticeableMs) continue;
        const quarterMs = leastMs(() => read(before + quarter + behind), noticeableMs);
        if (wholeMs < MAX_RATIO * quarterMs) continue;
        const what = JSON.stringify([before, repeated, behind]);
        return `${what}: ${quarterMs.toFixed(1)} ms, four times as much ${wholeMs.toFixed(1)} ms`;
      }
    }
  }
  return undefined;
}

function leastMs(read: () => unknown, enoughMs: number): number {
  let least = Infinity;
  for (let run = 0; run < RUNS && least >= enoughMs; run++) {
    const begin = performance.now();
    try {
      read();
    } catch {
      // refused, which may take no longer either
    }
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}
