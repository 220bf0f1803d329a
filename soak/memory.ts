/**
 * Whether memory stays flat. A server that has been running for a while is measured while nothing
 * happens, again and again; what it has at the end must not be more than what it had before, but
 * for a margin that a leak of a few hundred KiB in each check exceeds.
 */

/** Measurements of one life of the server that are ignored: caches fill. */
const WARM_UP = 4;
/** Minimum of further measurements for a judgement. */
const MIN_SAMPLES = 9;
/** Tolerated growth of the last third over the first, bytes: V8 frees late. */
const MARGIN = 48 * 1024 * 1024;
const MIB = 1024 * 1024;

/** How memory grew in one life of a server. */
export interface Growth {
  /** Medians of the first and the last third of the measurements, bytes. */
  first: number;
  last: number;
  /** Whether it is more than the margin allows. */
  tooMuch: boolean;
}

/** Judges measurements in their order, bytes. @returns undefined where they are too few */
export function growthOf(samples: readonly number[]): Growth | undefined {
  const settled = samples.slice(WARM_UP);
  if (settled.length < MIN_SAMPLES) return undefined;
  const third = Math.floor(settled.length / 3);
  const first = median(settled.slice(0, third));
  const last = median(settled.slice(-third));
  return { first, last, tooMuch: last > first + MARGIN };
}

/** In words. */
export function shownGrowth({ first, last }: Growth): string {
  return `${Math.round(first / MIB)} MiB early, ${Math.round(last / MIB)} MiB late`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
