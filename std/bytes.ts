/**
 * `@std/bytes`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/bytes@1`.
 */
import { concat as concatOf } from "deno-std/bytes/concat.js";

/** Joins byte sequences into a new one. */
export const concat: (pieces: readonly Uint8Array[]) => Uint8Array<ArrayBuffer> = concatOf;
