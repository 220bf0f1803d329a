/** Lines of the shell as words, with quotes and backslashes as in other shells. */
import { usageError } from "../../lib/common/error.ts";

/** The words of a line up to its end, which may be within a word. */
export interface Words {
  words: string[];
  /** Where the last word begins in the line; the line's end where it ends between words. */
  lastBegins: number;
  /** The quote that was not closed. */
  open: string | undefined;
}

/** Splits a line; the last word is empty where the line ends between words. */
export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let begins = line.length;
  let open: string | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!;
    if (open === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (word === undefined) begins = index;
    word ??= "";
    if (character === "\\" && open !== "'" && index + 1 < line.length) word += line[++index];
    else if (open === undefined && (character === '"' || character === "'")) open = character;
    else if (character === open) open = undefined;
    else word += character;
  }
  words.push(word ?? "");
  return { words, lastBegins: word === undefined ? line.length : begins, open };
}

/**
 * The words of a whole line.
 *
 * @throws {ClientError} where a quote is not closed
 */
export function lineWords(line: string): string[] {
  const { words, open } = splitWords(line);
  if (open !== undefined) throw usageError(`The quote ${open} is not closed`);
  // Only a word that was typed can be empty in the middle, such as ''.
  return words.at(-1) === "" && !/["']$/.test(line) ? words.slice(0, -1) : words;
}

/** A word so written that it is read back as it is. */
export function escapeWord(word: string): string {
  return word.replace(/[\s"'\\]/g, "\\$&");
}
