/**
 * `@std/path`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/path@1`. Paths are those of the system that runs this.
 */
import * as source from "deno-std/path/mod.js";

/** Separator of the names in a path: `/`, or `\` on Windows. */
export const SEPARATOR: "/" | "\\" = source.SEPARATOR;

/** Last name of a path, without a suffix if one is given. */
export const basename: (path: string | URL, suffix?: string) => string = source.basename;

/** Path without its last name. */
export const dirname: (path: string | URL) => string = source.dirname;

/** Extension of a path with its dot, or an empty string. */
export const extname: (path: string | URL) => string = source.extname;

/** Path that a `file:` URL names. @throws {TypeError} for another URL */
export const fromFileUrl: (url: string | URL) => string = source.fromFileUrl;

/** Whether a path begins at the root. */
export const isAbsolute: (path: string) => boolean = source.isAbsolute;

/** Joins paths and normalises the result. */
export const join: (path: string | URL, ...paths: string[]) => string = source.join;

/** Path without `.`, `..` and repeated separators. */
export const normalize: (path: string | URL) => string = source.normalize;

/** Way from one path to another. */
export const relative: (from: string, to: string) => string = source.relative;

/** Absolute path, from the working directory on. */
export const resolve: (...paths: string[]) => string = source.resolve;

/** `file:` URL of an absolute path. @throws {TypeError} for a relative path */
export const toFileUrl: (path: string) => URL = source.toFileUrl;
