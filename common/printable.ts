/**
 * Text of others made harmless before a terminal, a log or a page shows it.
 *
 * Control characters (C0, DEL, C1) carry terminal escapes and end lines. Format characters hide
 * text or turn its direction (Unicode TR36, "Bidirectional Text Spoofing"). The two joiners
 * U+200C and U+200D stay: scripts and emoji are written with them.
 */

/** A control character (C0, DEL or C1): no path, label or reply line contains one. */
// deno-lint-ignore no-control-regex
export const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

const HARMFUL =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** As {@linkcode HARMFUL}, and a space at either end, which no one sees. */
const UNSEEN = new RegExp(`${HARMFUL.source}|^\\s|\\s$`, "g");
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Splits a text at its harmful characters, and at a space that begins or ends it.
 *
 * @returns harmless text at even indices, and between two of them the code of a character that is
 * not visible, such as `202E`
 */
export function splitUnseen(text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    parts.push(text.slice(at, index), codeOf(character).toUpperCase());
    at = index + 1;
  }
  return [...parts, text.slice(at)];
}

/**
 * Replaces each harmful character by a visible escape.
 *
 * @example `printable("a\x1b[2Jb")` is `a\\u001b[2Jb`
 */
export function printable(text: string): string {
  return escapeJson(text).replace(LONE_SURROGATE, "\ufffd");
}

/** Text in double quotes, harmless; for messages. */
export function quoted(text: string): string {
  return `"${printable(text)}"`;
}

/** Text as one word of a POSIX shell, harmless; for commands in messages. */
export function shellWord(text: string): string {
  const word = printable(text);
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A value as JSON in one line, in which strings hold each harmful character as an escape. */
export function jsonLine(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/** JSON with an escape in place of each harmful character, which changes no value. */
export function escapeJson(json: string): string {
  return json.replace(HARMFUL, (character) => `\\u${codeOf(character)}`);
}

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}
