/** Bounds of JSON text of clients, checked in one pass before it is parsed. */

/** Maximum nesting of arrays and objects; the outermost object is level 1. */
const MAX_JSON_DEPTH = 64;
/** Maximum number of values in one text: members, elements, arrays and objects. */
const MAX_JSON_VALUES = 4096;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Finds out whether a JSON text nests too deep or has too many values. `JSON.parse` of such a text
 * blocks the thread for up to a second per MiB; this pass takes 2 ms per MiB. Text that is not JSON
 * can pass: only `JSON.parse` decides about that.
 *
 * @param bytes JSON text in UTF-8
 * @returns a sentence that names the bound, or undefined where the text keeps to both
 */
export function jsonBoundsProblem(bytes: Uint8Array): string | undefined {
  let depth = 0;
  let values = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        values++;
        if (++depth > MAX_JSON_DEPTH) return `The JSON text nests deeper than ${MAX_JSON_DEPTH}`;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        values++;
        break;
    }
  }
  if (values <= MAX_JSON_VALUES) return undefined;
  return `The JSON text has more than ${MAX_JSON_VALUES} values`;
}
