/** Numbers as people read them, and with the nouns that they count. */

/**
 * An integer with its digits in groups of three: `12,000`. `Number.prototype.toLocaleString` gives
 * the same, but its first call in a process takes 9 ms, as long as a small transfer.
 */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A number with the noun that it counts: `1 file`, `12,000 files`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}
