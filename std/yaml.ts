/** `@std/yaml`: text in YAML as values. */
import * as source from "deno-std/yaml/parse.js";

/**
 * Parses one YAML document.
 *
 * @throws {SyntaxError} where the text is not valid
 */
export const parse = source.parse as unknown as (text: string) => unknown;
