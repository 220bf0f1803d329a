/** Small files, read whole in a few calls: of thousands, each call counts. */
import { hash as digest } from "node:crypto";
import { needRead } from "../common/environment.ts";
import { localError } from "../common/error.ts";
import { modifiedOf } from "../local/modified.ts";
import { quoted } from "../../../common/printable.ts";
import { changed, fill, notRegular } from "./upload_source.ts";

/** Maximum size of a file that is read whole, so that its hash is known before it is sent. */
export const SMALL_BYTES = 256 * 1024;

/** Content of a small file. */
export interface SmallContent {
  /** A view into the buffer that it was read into. */
  bytes: Uint8Array;
  /** SHA-256 in hex. */
  hash: string;
  /** Modification time in ms since the Unix epoch; never negative. */
  mtime: number;
  /** Mode of the local file; null where the system has none. */
  mode: number | null;
}

/**
 * Reads a small file whole. The name is checked before and after: the file opened in between is the
 * one at the name, and did not change meanwhile.
 *
 * @param path absolute local path
 * @param room returns a buffer of at least this size to read into
 * @param looked metadata read before, if any
 * @returns undefined where the file is not small, or its size is given as 0 and it has content
 * @throws {ClientError} where it cannot be read or is no regular file; exit code 8 where it changes
 */
export function readSmall(
  path: string,
  room: (bytes: number) => Uint8Array,
  looked?: Deno.FileInfo,
): SmallContent | undefined {
  needRead(path);
  try {
    // Opening a FIFO would wait for its other end, so look first.
    const before = looked ?? Deno.statSync(path);
    if (!before.isFile) throw notRegular(path);
    if (before.size > SMALL_BYTES) return undefined;
    // With room for one byte more, one read shows that the file ends where its size says.
    const buffer = room(before.size + 1).subarray(0, before.size + 1);
    const count = readWhole(path, buffer, before.size);
    if (before.size === 0 && count > 0) return undefined; // its file system reports no size
    const after = Deno.statSync(path);
    const whole = count === before.size ||
      isShorterThanTold(path, buffer.subarray(0, before.size), count);
    const same = whole && after.size === before.size && after.ino === before.ino &&
      after.dev === before.dev && after.mtime?.getTime() === before.mtime?.getTime();
    const bytes = buffer.subarray(0, count);
    if (!same && looked !== undefined) return readSmall(path, room); // it may have changed before
    if (!same) throw changed(path);
    return {
      bytes,
      hash: digest("sha256", bytes, "hex"),
      mtime: modifiedOf(before),
      mode: before.mode,
    };
  } catch (error) {
    throw localError(error, `Cannot read ${quoted(path)}`, path);
  }
}

/** Whether a file is always shorter than its file system says, as those of /sys are. */
function isShorterThanTold(path: string, bytes: Uint8Array, count: number): boolean {
  if (count > bytes.length) return false;
  const again = new Uint8Array(bytes.length + 1);
  const same = readWhole(path, again, bytes.length) === count;
  return same && again.subarray(0, count).every((byte, index) => byte === bytes[index]);
}

/**
 * Fills a buffer, which is larger than the expected size, from the beginning of a file.
 *
 * @param expected bytes: a read of exactly this size is the whole file, as only the end of a
 * regular file shortens a read
 * @returns number of bytes; more than `expected` where the file is longer
 */
function readWhole(path: string, buffer: Uint8Array, expected: number): number {
  const file = Deno.openSync(path, { read: true });
  try {
    const count = file.readSync(buffer) ?? 0;
    return count === expected ? count : count + fill(file, buffer.subarray(count));
  } finally {
    file.close();
  }
}
