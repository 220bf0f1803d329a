/**
 * `@std/text`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/text@1`.
 */
import { closestString as closestStringOf } from "deno-std/text/closest_string.js";
import { levenshteinDistance as distanceOf } from "deno-std/text/levenshtein_distance.js";

/** The word among several that is most like a given one. @throws {Error} for no words */
export const closestString: (word: string, possible: readonly string[]) => string = closestStringOf;

/** Characters to insert, remove or replace to make one text the other. */
export const levenshteinDistance: (a: string, b: string) => number = distanceOf;
