/**
 * `@std/path`, with its types: the package that carries the standard library here has none.
 *
 * Signatures are those of `jsr:@std/path@1`. Paths are those of the system that runs this. Modules of
 * other systems are not loaded, because every start of the client waits for each module.
 */
const source = Deno.build.os === "windows"
  ? await import("./path_windows.ts")
  : await import("./path_posix.ts");

/** Separator of the names in a path: `/`, or `\` on Windows. */
export const SEPARATOR: "/" | "\\" = source.SEPARATOR;

/** Last name of a path, without a suffix if one is given. */
export const basename: (path: string | URL, suffix?: string) => string = source.basename;

/** Path without its last name. */
export const dirname: (path: string | URL) => string = source.dirname;

/** Path that a `file:` URL names. @throws {TypeError} for another URL */
export const fromFileUrl: (url: string | URL) => string = source.fromFileUrl;

/** Joins paths and normalises the result. */
export const join: (path: string | URL, ...paths: string[]) => string = source.join;

/** Way from one path to another. */
export const relative: (from: string, to: string) => string = source.relative;

/** Absolute path, from the working directory on. */
export const resolve: (...paths: string[]) => string = source.resolve;
