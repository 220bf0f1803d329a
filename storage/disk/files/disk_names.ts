/**
 * Names on disk and the names they are shown by (docs/storage.md, "Names on disk").
 *
 * Other programs can put names into a tree that no virtual path can have: decomposed Unicode (NFD),
 * control characters, `...`, bytes that are not UTF-8. Each of them is shown by exactly one name that
 * a path can have, and is found by it. A name that a path can have is always shown as it is.
 */
import { createHash } from "node:crypto";
import { CONTROL } from "../../../common/printable.ts";
import { byteLength, MAX_NAME_BYTES, SHARED } from "../../contract/path.ts";

/** An entry of a directory that is shown by another name than its own. */
export interface OddEntry {
  /** The name on disk; undefined where it is not UTF-8, so that no call reaches it. */
  disk: string | undefined;
  type: "file" | "directory" | "other";
}

/** Printable ASCII, and more than dots: shown as it is. */
const PLAIN = /^(?!\.+$)[ -~]+$/;
/** Names that no other entry can be shown as, so that they need no lookup. */
const OWN = /^[ -$&-~]*$/;
const DOTS = /^\.{3,}$/;
/** Replaces bytes that are not UTF-8. */
export const REPLACEMENT = "\ufffd";
/** Hex digits of the name's SHA-256 that an abbreviated name ends with. */
const DIGEST_LENGTH = 12;

/** Whether a name, or a path, is only ever that of the entry spelled like it. */
export function isOwn(name: string): boolean {
  return OWN.test(name);
}

/**
 * Whether an entry may be shown by another name than its own.
 *
 * @param atRoot whether it is in the root of an account's tree, where `shared` is reserved
 */
export function mayBeOdd(name: string, atRoot: boolean): boolean {
  return name.includes(REPLACEMENT) || isImpossible(name, atRoot);
}

/** Whether no virtual path can have a name. */
function isImpossible(name: string, atRoot: boolean): boolean {
  if (atRoot && name === SHARED) return true;
  if (PLAIN.test(name)) return false;
  return DOTS.test(name) || CONTROL.test(name) || name.normalize("NFC") !== name;
}

/**
 * The composed form of a name that is decomposed as Unicode's NFD, as macOS writes it; undefined for
 * every other name. A partly decomposed name is none: it could not be found from its composed form.
 */
export function composed(name: string): string | undefined {
  const nfc = name.normalize("NFC");
  if (nfc === name || OWN.test(nfc) || nfc.normalize("NFD") !== name) return undefined;
  return CONTROL.test(nfc) || byteLength(nfc) > MAX_NAME_BYTES ? undefined : nfc;
}

/**
 * The name that an odd entry is shown by.
 *
 * @param has whether the directory has an entry of a name on disk
 */
export function shownName(name: string, has: (name: string) => boolean, atRoot: boolean): string {
  if (!isImpossible(name, atRoot)) return name;
  const nfc = composed(name);
  if (nfc !== undefined && !has(nfc)) return nfc;
  const escaped = escapeName(name, atRoot);
  const fits = byteLength(escaped) <= MAX_NAME_BYTES;
  if (escaped === name || (fits && !has(escaped))) return escaped;
  return abbreviated(escaped, createHash("sha256").update(name).digest("hex"));
}

/** The name that the n-th entry whose bytes read as `lossy`, and are not UTF-8, is shown by. */
export function shownUnreachable(
  lossy: string,
  n: number,
  has: (name: string) => boolean,
  atRoot: boolean,
): string {
  const escaped = escapeName(lossy, atRoot);
  const fits = byteLength(escaped) <= MAX_NAME_BYTES && !has(escaped);
  return n === 1 && fits ? escaped : abbreviated(escaped, String(n));
}

/**
 * Decodes an escaped name; undefined if it is invalid, or can only be resolved by listing the
 * directory.
 */
export function unescapeName(name: string, atRoot: boolean): string | undefined {
  try {
    const disk = decodeURIComponent(name);
    const possible = disk !== name && !/[/\0]/.test(disk) && mayBeOdd(disk, atRoot);
    return possible && escapeName(disk, atRoot) === name ? disk : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a name can only be resolved by listing its directory. */
export function needsAll(name: string): boolean {
  return name.includes("%~") || name.includes(REPLACEMENT);
}

/** Percent signs and what no path can have, as `%` and two hex digits for each byte of UTF-8. */
function escapeName(name: string, atRoot: boolean): string {
  const odd = (character: string) => character === "%" || CONTROL.test(character);
  let escaped = escapeWhere(name, odd);
  if (escaped.normalize("NFC") !== escaped) {
    escaped = escapeWhere(name, (at) => odd(at) || (at > "\x7f" && at !== REPLACEMENT));
  }
  if (DOTS.test(escaped)) return `%2E${escaped.slice(1)}`;
  return atRoot && escaped === SHARED ? `%73${SHARED.slice(1)}` : escaped;
}

function escapeWhere(name: string, odd: (character: string) => boolean): string {
  let escaped = "";
  for (const character of name) {
    if (!odd(character)) escaped += character;
    else {
      for (const byte of new TextEncoder().encode(character)) {
        escaped += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
      }
    }
  }
  return escaped;
}

function abbreviated(escaped: string, mark: string): string {
  const end = `%~${mark.slice(0, DIGEST_LENGTH)}`;
  let begin = escaped;
  // By whole characters, so that none is cut in two.
  if (byteLength(begin) + end.length > MAX_NAME_BYTES) {
    begin = "";
    for (const character of escaped) {
      if (byteLength(begin) + byteLength(character) + end.length > MAX_NAME_BYTES) break;
      begin += character;
    }
  }
  return begin + end;
}
