/** Text in columns of a terminal: East Asian characters and most emoji take two of them. */
import stringWidth from "string-width";

/** Most texts are ASCII, and long tables have hundreds of thousands of them. */
const ASCII = /^[ -~]*$/;

/** The number of columns that a text without control characters takes. */
export function columnsOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/** A text with spaces up to a number of columns: behind it, or before it to align it to the right. */
export function padded(text: string, columns: number, right = false): string {
  const spaces = " ".repeat(Math.max(0, columns - columnsOf(text)));
  return right ? spaces + text : text + spaces;
}

/** Fits a text to exactly `columns` columns: pads it, or replaces its middle by `…`. */
export function fitted(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return padded(text, columns);
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const tail = within(characters.toReversed(), Math.floor((columns - 1) / 2)).toReversed();
  const head = within(characters, columns - 1 - columnsOf(tail.join("")));
  return padded(`${head.join("")}…${tail.join("")}`, columns);
}

/** The first characters that fit into a number of columns. */
function within(characters: readonly string[], columns: number): string[] {
  let taken = 0;
  const end = characters.findIndex((character) => (taken += columnsOf(character)) > columns);
  return characters.slice(0, end < 0 ? characters.length : end);
}
