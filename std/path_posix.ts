/**
 * `@std/path/posix`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/path@1/posix`. Paths have slashes, on every system.
 */
import * as source from "deno-std/path/posix/mod.js";

/** Path without its last name. */
export const dirname: (path: string | URL) => string = source.dirname;

/** Joins paths and normalises the result. */
export const join: (path: string | URL, ...paths: string[]) => string = source.join;

/** Path without `.`, `..` and repeated slashes. */
export const normalize: (path: string | URL) => string = source.normalize;

/** Absolute path, from the working directory on. */
export const resolve: (...paths: string[]) => string = source.resolve;
