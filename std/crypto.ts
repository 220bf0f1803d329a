/**
 * `@std/crypto`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/crypto@1`.
 */
import { timingSafeEqual as source } from "deno-std/crypto/timing_safe_equal.js";

/** Whether two byte sequences are equal, in a time that depends on their lengths alone. */
export const timingSafeEqual: (
  a: ArrayBufferView | ArrayBufferLike,
  b: ArrayBufferView | ArrayBufferLike,
) => boolean = source;
