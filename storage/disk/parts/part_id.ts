/**
 * Ids of uploads: not guessable, safe as file names, and with the tag of the worker that made them.
 */
import { createHash } from "node:crypto";

/** Characters of an id that say which start of which worker made it. */
const TAG_LENGTH = 8;

/**
 * Prefix of the ids made by one start of a worker, by which recovery finds parts without a record.
 */
export function partTagOf(holder: string): string {
  return createHash("sha256").update(holder).digest("hex").slice(0, TAG_LENGTH);
}

/**
 * Creates an id of 32 lower-case hex digits. @param tag of the worker; see {@linkcode partTagOf}
 */
export function newPartId(tag: string): string {
  return tag + crypto.randomUUID().replaceAll("-", "").slice(TAG_LENGTH);
}
