/** Names and virtual paths: resolved as text, before any file system is touched. */
import { CONTROL } from "../../common/printable.ts";
import { StoreError } from "./error.ts";
import type { VirtualPath } from "./values/virtual_path.ts";

export type { VirtualPath };

/** Longest path in bytes of UTF-8. */
export const MAX_PATH_BYTES = 4096;
/** Longest segment of a path in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;
/**
 * Maximum number of directories above a file or directory. Each of them is checked for every call,
 * and the kernel walks through all above it each time: the time grows with the square of the depth.
 */
export const MAX_DEPTH = 256;
/** The reserved name at the root under which shares of others appear. */
export const SHARED = "shared";

const encoder = new TextEncoder();
const PLAIN = /^[\u0020-\u007e]*$/;
/** Absolute, in ASCII, in its normal form already: nothing is to be done and nothing is wrong. */
const NORMAL = /^(?:\/(?!\.+(?:\/|$))[ -.0-~]{1,255})+$/;

/** Length of a text in bytes of UTF-8. */
export function byteLength(text: string): number {
  return PLAIN.test(text) ? text.length : encoder.encode(text).length;
}

/**
 * Makes an absolute path of what a user wrote: relative paths start at `current`, `.` and `..` are
 * resolved on the text, repeated slashes are dropped, names are brought to Unicode NFC.
 *
 * @throws {StoreError} `bad-name` for a name that is not allowed, `denied` above the root
 */
export function resolvePath(current: VirtualPath, text: string): VirtualPath {
  const absolute = text.startsWith("/") ? text : childOf(current, text);
  if (absolute.length <= MAX_PATH_BYTES && NORMAL.test(absolute)) return absolute;
  if (text.length > MAX_PATH_BYTES || byteLength(text) > MAX_PATH_BYTES) {
    throw new StoreError("bad-name", `The path is longer than ${MAX_PATH_BYTES} bytes`);
  }
  if (CONTROL.test(text)) {
    throw new StoreError("bad-name", "The path contains a control character");
  }
  if (!text.isWellFormed()) {
    throw new StoreError("bad-name", "The path is not valid Unicode: it has a lone surrogate");
  }
  const full = absolute.normalize("NFC");
  const segments: string[] = [];
  for (const segment of full.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") {
      if (segments.pop() === undefined) {
        throw new StoreError("denied", "The path climbs above the root of the account");
      }
      continue;
    }
    if (/^\.{3,}$/.test(segment)) {
      throw new StoreError("bad-name", `The name "${segment}" consists of dots only`);
    }
    if (byteLength(segment) > MAX_NAME_BYTES) {
      throw new StoreError("bad-name", `A name is longer than ${MAX_NAME_BYTES} bytes`);
    }
    segments.push(segment);
  }
  const path = "/" + segments.join("/");
  if (path.length > MAX_PATH_BYTES || byteLength(path) > MAX_PATH_BYTES) {
    throw new StoreError("bad-name", `The path is longer than ${MAX_PATH_BYTES} bytes`);
  }
  return path;
}

/** The path of the directory that holds `path`; the root's is the root. */
export function parentOf(path: VirtualPath): VirtualPath {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** The last segment of `path`; empty for the root. */
export function nameOf(path: VirtualPath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of `name` in `directory`. */
export function childOf(directory: VirtualPath, name: string): VirtualPath {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/**
 * Refuses a directory that lies so deep that nothing in it can be reached.
 *
 * @throws {StoreError} `bad-name`
 */
export function assertDepth(directory: VirtualPath, shown = directory): void {
  if (depthOf(directory) > MAX_DEPTH) throw tooDeep(shown);
}

/** Number of names in `path`: that of the directories above what a directory of this path holds. */
export function depthOf(path: VirtualPath): number {
  let depth = 0;
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) depth++;
  return path === "/" ? 0 : depth;
}

/** Error for what lies, or would lie, below more directories than there may be. */
export function tooDeep(shown: VirtualPath): StoreError {
  return new StoreError(
    "bad-name",
    `"${
      beginningOf(shown)
    }" lies below more than ${MAX_DEPTH} directories: use fewer, or move one ` +
      "of them up",
  );
}

/** The first part of a path, which may have thousands of characters. */
function beginningOf(path: VirtualPath): string {
  return path.length <= MAX_NAME_BYTES ? path : `${path.slice(0, MAX_NAME_BYTES).toWellFormed()}…`;
}

/** Whether `path` is `directory` itself or lies below it. */
export function isWithin(path: VirtualPath, directory: VirtualPath): boolean {
  return directory === "/" || path === directory || path.startsWith(directory + "/");
}

/** Orders texts by Unicode code points, where `<` would order by UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogateX = (x & 0xf800) === 0xd800;
    const surrogateY = (y & 0xf800) === 0xd800;
    if (surrogateX !== surrogateY) return surrogateX ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}
