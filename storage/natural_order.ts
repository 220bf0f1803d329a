/** Names in the order in which people look for them: letters in either case are alike. */

/** Names of which the first page is looked for among all others: sorting fewer takes no time. */
const LEAST_NAMES = 10_000;
/** How many names are looked at to guess where the first page ends. */
const SAMPLE = 1024;

/** All names in order; of those that differ in case alone, capitals come first. */
export function inNaturalOrder(names: readonly string[]): string[] {
  // Texts that the engine compares by itself are sorted twice as fast as with a function.
  if (names.every((name) => name === name.toLowerCase())) return [...names].sort();
  return names.map((name) => `${name.toLowerCase()}\0${name}`).sort()
    .map((key) => key.slice(key.indexOf("\0") + 1));
}

/**
 * The first `count` names in that order, without sorting the others where they are many: the order
 * of a sample tells about where they end.
 */
export function firstInNaturalOrder(names: readonly string[], count: number): string[] {
  if (names.length < LEAST_NAMES) return inNaturalOrder(names).slice(0, count);
  const step = Math.floor(names.length / SAMPLE);
  const sample = Array.from({ length: SAMPLE }, (_, i) => names[i * step]!.toLowerCase()).sort();
  // Twice as far as on average, and some more: so too few are nearly never found.
  const last = sample[Math.ceil((2 * count * SAMPLE) / names.length) + 8];
  const found = last === undefined ? [] : names.filter((name) => name.toLowerCase() <= last);
  return inNaturalOrder(found.length < count ? names : found).slice(0, count);
}
