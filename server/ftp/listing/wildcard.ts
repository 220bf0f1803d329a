/** Whether a name has wildcards: `*`, `?`, `[abc]`. */
export function hasWildcard(name: string): boolean {
  return /[*?[]/.test(name);
}

/** Longest pattern, in characters: names have at most 255, and sets are short. */
const MAX_PATTERN_LENGTH = 1024;

/** One place of a pattern: any number of characters, or what one character has to be. */
type Place = "*" | ((character: string) => boolean);

/**
 * Reads a shell pattern once, for many names. Reading takes time linear in its length; matching
 * takes at most the length of the pattern for each character of the name. A pattern of more than
 * 1,024 characters matches nothing.
 *
 * @returns whether a name matches
 */
export function compileWildcard(pattern: string): (name: string) => boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) return () => false;
  const places = readPlaces([...pattern]);
  const singles = places.filter((place) => place !== "*").length;
  return (name) => {
    const given = [...name];
    return singles <= given.length && matches(places, given);
  };
}

function matches(places: readonly Place[], given: readonly string[]): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let starred = 0;
  while (n < given.length) {
    const place = places[p];
    if (place === "*") {
      star = p++;
      starred = n;
    } else if (place?.(given[n]!)) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++starred;
    } else {
      return false;
    }
  }
  while (places[p] === "*") p++;
  return p === places.length;
}

function readPlaces(pattern: readonly string[]): Place[] {
  const places: Place[] = [];
  const lastEnd = pattern.lastIndexOf("]");
  for (let at = 0; at < pattern.length; at++) {
    const first = pattern[at]!;
    if (first === "*") {
      if (places.at(-1) !== "*") places.push("*");
    } else if (first === "?") {
      places.push(() => true);
    } else {
      const set = first === "[" && at + 2 <= lastEnd ? readSet(pattern, at) : undefined;
      places.push(set?.matches ?? ((character) => character === first));
      at = set?.end ?? at;
    }
  }
  return places;
}

/** Parses `[…]`; undefined if it is not closed: then the bracket is a literal. */
function readSet(
  pattern: readonly string[],
  at: number,
): { end: number; matches: (character: string) => boolean } | undefined {
  const negated = pattern[at + 1] === "!" || pattern[at + 1] === "^";
  const begin = at + (negated ? 2 : 1);
  const end = pattern.indexOf("]", begin + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  for (let i = begin; i < end; i++) {
    const isRange = pattern[i + 1] === "-" && i + 2 < end;
    ranges.push([pattern[i]!, isRange ? pattern[i + 2]! : pattern[i]!]);
    if (isRange) i += 2;
  }
  const within = (character: string) =>
    ranges.some(([from, to]) => character >= from && character <= to);
  return { end, matches: (character) => within(character) !== negated };
}
