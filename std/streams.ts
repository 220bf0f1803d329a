/**
 * `@std/streams`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/streams@1`.
 */
import { toText as toTextOf } from "deno-std/streams/to_text.js";

/** Reads a stream to its end as UTF-8 text. */
export const toText: (stream: ReadableStream) => Promise<string> = toTextOf;
