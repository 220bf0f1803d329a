/** Whether a name has wildcards: `*`, `?`, `[abc]`. */
export function hasWildcard(name: string): boolean {
  return /[*?[]/.test(name);
}

/** Whether a name matches a pattern of a shell. It takes no more than length times length steps. */
export function matchesWildcard(pattern: string, name: string): boolean {
  const wanted = [...pattern];
  const given = [...name];
  let p = 0;
  let n = 0;
  let star = -1;
  let starred = 0;
  while (n < given.length) {
    const one = wanted[p] === "*" ? 0 : matchOne(wanted, p, given[n]!);
    if (wanted[p] === "*") {
      star = p++;
      starred = n;
    } else if (one > 0) {
      p += one;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++starred;
    } else {
      return false;
    }
  }
  while (wanted[p] === "*") p++;
  return p === wanted.length;
}

/** How much of the pattern, from `at` on, one character uses up; 0: it does not match. */
function matchOne(pattern: string[], at: number, character: string): number {
  const first = pattern[at];
  if (first === undefined) return 0;
  if (first === "?") return 1;
  if (first !== "[") return first === character ? 1 : 0;
  const negated = pattern[at + 1] === "!" || pattern[at + 1] === "^";
  const begin = at + (negated ? 2 : 1);
  const end = pattern.indexOf("]", begin + 1);
  if (end < 0) return character === "[" ? 1 : 0; // no class: a bracket as such
  let found = false;
  for (let i = begin; i < end; i++) {
    const from = pattern[i]!;
    const isRange = pattern[i + 1] === "-" && i + 2 < end;
    const to = isRange ? pattern[i + 2]! : from;
    if (character >= from && character <= to) found = true;
    if (isRange) i += 2;
  }
  return found === negated ? 0 : end - at + 1;
}
