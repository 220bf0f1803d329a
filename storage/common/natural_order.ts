/** Names in the order in which people look for them: letters in either case are alike. */
import { mapInSlices, sortInSlices } from "./sliced_sort.ts";
import { Pace } from "./slices.ts";

/** Names of which the first page is looked for among all others: sorting fewer takes no time. */
const LEAST_NAMES = 10_000;
/** How many names are looked at to guess where the first page ends. */
const SAMPLE = 1024;

/** All names in order; of those that differ in case alone, capitals come first. */
export async function inNaturalOrder(
  names: readonly string[],
  pace: Pace = new Pace(),
): Promise<string[]> {
  // Texts that the engine compares by itself are sorted twice as fast as with a function.
  const keys = await mapInSlices(names, pace, (name) => {
    const lower = name.toLowerCase();
    return lower === name ? name : `${lower}\0${name}`;
  });
  const plain = keys.every((key, index) => key === names[index]);
  if (plain) return await sortInSlices(keys, pace);
  const full = await mapInSlices(keys, pace, (key) => key.includes("\0") ? key : `${key}\0${key}`);
  const sorted = await sortInSlices(full, pace);
  return await mapInSlices(sorted, pace, (key) => key.slice(key.indexOf("\0") + 1));
}

/**
 * The first `count` names in that order, without sorting the others where they are many: the order
 * of a sample tells about where they end.
 */
export async function firstInNaturalOrder(
  names: readonly string[],
  count: number,
  pace: Pace = new Pace(),
): Promise<string[]> {
  const firstOf = async (some: readonly string[]) =>
    (await inNaturalOrder(some, pace)).slice(0, count);
  if (names.length < LEAST_NAMES) return await firstOf(names);
  const step = Math.floor(names.length / SAMPLE);
  const sample = Array.from({ length: SAMPLE }, (_, i) => names[i * step]!.toLowerCase()).sort();
  // Twice as far as on average, and some more: so too few are nearly never found.
  const last = sample[Math.ceil((2 * count * SAMPLE) / names.length) + 8];
  const found = last === undefined
    ? []
    : await filterInSlices(names, pace, (name) => name.toLowerCase() <= last);
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
