/** Permission bits that travel with files and directories: which are sent, and which new ones get. */

/** Value of `--chmod`: bits for every file, the file's own, or none. */
export type Chmod = number | "keep" | "none";

const PERMISSION_BITS = 0o777;
/** Modes that any new file has: they need not be sent. */
const ORDINARY = new Set([0o644, 0o664]);
const WRITE_BY_OTHERS = 0o022;
/** Bits that any new directory has. */
const ORDINARY_DIRECTORY = 0o755;
const OWNER_BITS = 0o700;

/**
 * Determines the bits to send with a file; undefined for none.
 *
 * @param mode of the local file, as the system reports it
 * @param replacing whether an existing file, with its bits, may be replaced
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
 * Determines the bits of a downloaded file; undefined for the usual ones. A replaced file passes
 * its own on. The server's bits never let group and others write, nor give them more than the
 * user's umask does.
 *
 * @param sent bits that the server sent
 * @param usual bits of any new file in that place
 */
export function modeToSet(
  sent: number | undefined,
  chmod: Chmod,
  isNew: boolean,
  usual: () => number | undefined,
): number | undefined {
  if (typeof chmod === "number") return chmod;
  if (chmod === "none" || sent === undefined || !isNew) return undefined;
  const bits = usual();
  if (bits === undefined) return undefined;
  const executable = (bits & 0o444) >> 2;
  const wanted = sent & (bits | executable) & ~WRITE_BY_OTHERS;
  return wanted === bits ? undefined : wanted; // setting them costs as much as the file itself
}

/**
 * Determines the bits to send with a directory; undefined for none: it is as open as any new one, or
 * `--chmod` is about files.
 *
 * @param mode of the local directory, as the system reports it
 */
export function directoryModeToSend(
  mode: number | null | undefined,
  chmod: Chmod,
): number | undefined {
  if (chmod !== "keep" || mode === null || mode === undefined) return undefined;
  const open = (mode & ORDINARY_DIRECTORY) === ORDINARY_DIRECTORY;
  return open ? undefined : mode & PERMISSION_BITS;
}

/**
 * Determines the bits to make a local directory with, before the umask. Its owner can always write
 * to it, or nothing of it could be downloaded; group and others never.
 *
 * @param sent bits that the server sent
 */
export function directoryModeToMake(sent: number | undefined, chmod: Chmod): number | undefined {
  if (chmod !== "keep" || sent === undefined) return undefined;
  return (sent | OWNER_BITS) & ~WRITE_BY_OTHERS;
}

/** Permission bits that a server sent; undefined if invalid. */
export function toldMode(value: unknown): number | undefined {
  const good = Number.isInteger(value) && value as number >= 0 &&
    value as number <= PERMISSION_BITS;
  return good ? value as number : undefined;
}
