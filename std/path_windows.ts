/**
 * `@std/path/windows`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/path@1/windows`. Paths have backslashes, on every system.
 */
import { basename as basenameOf } from "deno-std/path/windows/basename.js";
import { dirname as dirnameOf } from "deno-std/path/windows/dirname.js";
import { fromFileUrl as fromFileUrlOf } from "deno-std/path/windows/from_file_url.js";
import { join as joinOf } from "deno-std/path/windows/join.js";
import { normalize as normalizeOf } from "deno-std/path/windows/normalize.js";
import { relative as relativeOf } from "deno-std/path/windows/relative.js";
import { resolve as resolveOf } from "deno-std/path/windows/resolve.js";

/** Separator of the names in a path. */
export const SEPARATOR = "\\";

/** Last name of a path, without a suffix if one is given. */
export const basename: (path: string | URL, suffix?: string) => string = basenameOf;

/** Path without its last name. */
export const dirname: (path: string | URL) => string = dirnameOf;

/** Path that a `file:` URL names. @throws {TypeError} for another URL */
export const fromFileUrl: (url: string | URL) => string = fromFileUrlOf;

/** Joins paths and normalises the result. */
export const join: (path: string | URL, ...paths: string[]) => string = joinOf;

/** Path without `.`, `..` and repeated separators. */
export const normalize: (path: string | URL) => string = normalizeOf;

/** Way from one path to another. */
export const relative: (from: string, to: string) => string = relativeOf;

/** Absolute path, from the working directory on. */
export const resolve: (...paths: string[]) => string = resolveOf;
