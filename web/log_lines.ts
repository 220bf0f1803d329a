/** Finds the new lines of a log. */

/** Number of lines that identify the place of continuation. */
const LINES_TO_KNOW = 3;
/** A log that has grown beyond is cut back to what the server sends. */
const MAX_CHARACTERS = 2_000_000;

/**
 * Returns the text in `fresh` after the last lines of `old`, so that screen readers read only new
 * lines; undefined if `fresh` no longer contains them.
 */
export function newLines(old: string, fresh: string): string | undefined {
  if (old.length > MAX_CHARACTERS) return undefined;
  const known = old.split("\n").slice(-LINES_TO_KNOW - 1).join("\n");
  const at = known === "" ? -1 : fresh.lastIndexOf(known);
  return at < 0 ? undefined : fresh.slice(at + known.length);
}
