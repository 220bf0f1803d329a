/** Natural order of names. */
import { mapInSlices, sortInSlices } from "./sliced_sort.ts";
import { Pace } from "./slices.ts";

/** Directories with fewer names are sorted whole, which takes no noticeable time. */
const MIN_NAMES = 10_000;
/** Size of the sample of names that estimates the end of the first page. */
const SAMPLE = 1024;

/** A fixed language, so that the order is the same on every machine. */
const collator = new Intl.Collator("en", { numeric: true, caseFirst: "upper" });

/**
 * Compares two names: numbers by their value (`2` before `10`), letters without regard to case and
 * accents unless nothing else differs.
 */
function compareNames(a: string, b: string): number {
  // Unicode counts some different texts as equal, such as those that differ in a format character.
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Sorts names by {@linkcode compareNames} into a new array. */
export function inNaturalOrder(names: readonly string[], pace = new Pace()): Promise<string[]> {
  return sortInSlices(names, pace, compareNames);
}

/**
 * Returns the first `count` names in that order. Where there are many others they are not sorted:
 * the order of a sample says about where the first ones end.
 */
export async function firstInNaturalOrder(
  names: readonly string[],
  count: number,
  pace: Pace = new Pace(),
): Promise<string[]> {
  const firstOf = async (some: readonly string[]) =>
    (await inNaturalOrder(some, pace)).slice(0, count);
  if (names.length < MIN_NAMES) return await firstOf(names);
  const step = Math.floor(names.length / SAMPLE);
  const sample = await inNaturalOrder(
    Array.from({ length: SAMPLE }, (_, i) => names[i * step]!),
    pace,
  );
  // Twice as far as on average, and some more: so too few are nearly never found.
  const last = sample[Math.ceil((2 * count * SAMPLE) / names.length) + 8];
  const found = last === undefined
    ? []
    : await filterInSlices(names, pace, (name) => collator.compare(name, last) <= 0);
  return await firstOf(found.length < count ? names : found);
}

/** Filters items in slices. */
export async function filterInSlices(
  names: readonly string[],
  pace: Pace,
  wanted: (name: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  await mapInSlices(names, pace, (name) => {
    if (wanted(name)) found.push(name);
  });
  return found;
}
