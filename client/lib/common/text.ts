/** Text of others made harmless before a terminal sees it. */

// Control characters (C0, DEL, C1) carry terminal escapes; the others reorder or hide what is read.
// deno-lint-ignore no-control-regex
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Replaces everything that a terminal would obey rather than show by a visible escape.
 *
 * @example `printable("a\x1b[2Jb")` is `a\\u001b[2Jb`
 */
export function printable(text: string): string {
  return text.replace(HARMFUL, escape).replace(LONE_SURROGATE, "\ufffd");
}

/** Text in double quotes, harmless; for messages. */
export function quoted(text: string): string {
  return `"${printable(text)}"`;
}

/** One line of JSON without any raw control character (8-bit C1 escapes included). */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(HARMFUL, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
