/**
 * Names of temporary files: `.NAME.<8 hex>.towpath-part`, beside the file that each becomes, or in
 * the directory for incomplete downloads.
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { incompleteDirectoryOf } from "./incomplete.ts";

const SUFFIX = ".towpath-part";
const MAX_NAME_BYTES = 255;
/** Room for `.`, `.`, eight digits and the suffix. */
const MAX_KEPT_BYTES = MAX_NAME_BYTES - 10 - SUFFIX.length;
/** Bytes kept of a longer name, before `~` and 16 digits of its hash. */
const SHORT_BYTES = 200;
const RANDOM_PART = /^[0-9a-f]{8}\.towpath-part$/;
const ANY_PART = /^\.[^]+\.[0-9a-f]{8}\.towpath-part$/;
/** A character of UTF-16 takes no more bytes of UTF-8. */
const MAX_CHARACTER_BYTES = 3;
const encoder = new TextEncoder();

/** Random numbers for names, drawn many at a time: a draw for each of thousands takes longer. */
const randoms = new Uint32Array(256);
let used = randoms.length;

/**
 * Returns a new temporary name for a target, as a path in the target's directory or in that for
 * incomplete downloads.
 *
 * @throws {ClientError} as {@linkcode incompleteDirectoryOf} does
 */
export function newPartPath(target: string): string {
  const incomplete = incompleteDirectoryOf(target);
  if (incomplete !== undefined) return join(incomplete, partNameOf(basename(target)));
  const name = basename(target);
  // `join` would go through the whole path once more.
  const directory = target.slice(0, target.length - name.length);
  return directory + partNameOf(name);
}

function partNameOf(name: string): string {
  return `${partPrefix(name)}${randomDigits()}${SUFFIX}`;
}

/** Eight random hexadecimal digits. */
function randomDigits(): string {
  if (used === randoms.length) {
    crypto.getRandomValues(randoms);
    used = 0;
  }
  return randoms[used++]!.toString(16).padStart(8, "0");
}

/** Returns a new temporary name beside a relative or remote path, with `/` in between. */
export function newPartName(path: string): string {
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  return directory + partNameOf(basename(path.slice(directory.length)));
}

/** Whether the base name of `path` is a temporary name of the target. */
export function isPartOf(path: string, target: string): boolean {
  const name = basename(path).normalize();
  const prefix = partPrefix(basename(target)).normalize();
  return name.startsWith(prefix) && RANDOM_PART.test(name.slice(prefix.length));
}

/**
 * Whether a file by its name may be the temporary one of a target. Outside of the target's directory
 * that takes its inode: other targets may have temporary files of the same name there.
 */
export function mayContinue(
  { path, inode }: { path: string; inode?: number | undefined },
  target: string,
): boolean {
  const isBeside = dirname(path) === dirname(target);
  return (isBeside || inode !== undefined) && isPartOf(path, target);
}

/** Whether a path has the form of a temporary name, for any target. */
export function looksLikePart(path: string): boolean {
  return path.endsWith(SUFFIX) && ANY_PART.test(basename(path));
}

/** Whether a relative path with `/` in between has a temporary name in it, at any depth. */
export function isInPart(path: string): boolean {
  return path.includes(SUFFIX) && path.split("/").some(looksLikePart);
}

/** Returns what temporary names of a file begin with; long names are shortened, unambiguously. */
function partPrefix(name: string): string {
  const isShort = name.length * MAX_CHARACTER_BYTES <= MAX_KEPT_BYTES ||
    encoder.encode(name).length <= MAX_KEPT_BYTES;
  if (isShort) return `.${name}.`;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  let head = "";
  for (const character of name) {
    if (encoder.encode(head + character).length > SHORT_BYTES) break;
    head += character;
  }
  return `.${head}~${digest}.`;
}
