/** Permission bits that travel with files: which are sent, and which a new local file gets. */

/** What `--chmod` says: bits for every file, the file's own, or none. */
export type Chmod = number | "keep" | "none";

const PERMISSION_BITS = 0o777;
/** Modes that any new file has: they need not be sent. */
const ORDINARY = new Set([0o644, 0o664]);
const WRITE_BY_OTHERS = 0o022;

/**
 * The bits to send with a file; undefined for none.
 *
 * @param mode of the local file, as the system tells it
 * @param replacing whether a file that is there, and its bits, may be replaced
 */
export function modeToSend(
  mode: number | null | undefined,
  chmod: Chmod,
  replacing: boolean,
): number | undefined {
  if (typeof chmod === "number") return chmod;
  if (chmod === "none" || mode === null || mode === undefined) return undefined;
  const bits = mode & PERMISSION_BITS;
  return ORDINARY.has(bits) && !replacing ? undefined : bits;
}

/**
 * The bits that a downloaded file gets instead of those that it would have anyway; undefined for
 * none. A file that is replaced passes its own on. What the server says never lets group and others
 * write, nor gives them more than the user's umask does.
 *
 * @param told the bits that the server tells
 * @param usual the bits of any new file in that place
 */
export function modeToSet(
  told: number | undefined,
  chmod: Chmod,
  isNew: boolean,
  usual: () => number | undefined,
): number | undefined {
  if (typeof chmod === "number") return chmod;
  if (chmod === "none" || told === undefined || !isNew) return undefined;
  const bits = usual();
  if (bits === undefined) return undefined;
  const executable = (bits & 0o444) >> 2;
  const wanted = told & (bits | executable) & ~WRITE_BY_OTHERS;
  return wanted === bits ? undefined : wanted; // setting them costs as much as the file itself
}

/** Permission bits that a server tells; undefined for what is none. */
export function toldMode(value: unknown): number | undefined {
  const good = Number.isInteger(value) && value as number >= 0 &&
    value as number <= PERMISSION_BITS;
  return good ? value as number : undefined;
}
