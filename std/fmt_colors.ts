/**
 * `@std/fmt/colors`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/fmt@1/colors`.
 */
import * as source from "deno-std/fmt/colors.js";

/** Turns colours on or off for all functions of this module. */
export const setColorEnabled: (value: boolean) => void = source.setColorEnabled;

/** Text in bold. */
export const bold: (text: string) => string = source.bold;

/** Dimmed text. */
export const dim: (text: string) => string = source.dim;

/** Green text. */
export const green: (text: string) => string = source.green;

/** Red text. */
export const red: (text: string) => string = source.red;
