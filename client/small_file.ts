/** Small files, read whole in a few calls: of thousands, each call counts. */
import { hash as digest } from "node:crypto";
import { needRead } from "./environment.ts";
import { localError } from "./error.ts";
import { quoted } from "./text.ts";
import { changed, notRegular } from "./upload_source.ts";

/** A file of at most so many bytes is read whole, so that its hash is known beforehand. */
export const SMALL_BYTES = 256 * 1024;

/** What a small file holds. */
export interface SmallContent {
  /** A view into the buffer that it was read into. */
  bytes: Uint8Array;
  /** SHA-256 in hex. */
  hash: string;
  /** Modification time in ms since the Unix epoch; never negative. */
  mtime: number;
}

/**
 * Reads a small file whole. The name is looked at before and after: what was opened in between is
 * what stands there, and did not change meanwhile.
 *
 * @param path absolute local path
 * @param room gives a buffer of at least so many bytes to read into
 * @param looked what stood there before, where it was looked at
 * @returns undefined where the file is not small
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
    const bytes = room(before.size).subarray(0, before.size);
    const count = readWhole(path, bytes);
    const after = Deno.statSync(path);
    const same = count === before.size && after.size === before.size &&
      after.ino === before.ino && after.dev === before.dev &&
      after.mtime?.getTime() === before.mtime?.getTime();
    if (!same && looked !== undefined) return readSmall(path, room); // it may have changed before
    if (!same) throw changed(path);
    return {
      bytes,
      hash: digest("sha256", bytes, "hex"),
      mtime: Math.max(0, Math.floor(before.mtime?.getTime() ?? 0)),
    };
  } catch (error) {
    throw localError(error, `Cannot read ${quoted(path)}`, path);
  }
}

/** Fills a buffer from the beginning of a file; fewer bytes only where the file is shorter. */
function readWhole(path: string, buffer: Uint8Array): number {
  const file = Deno.openSync(path, { read: true });
  try {
    let filled = 0;
    while (filled < buffer.length) {
      const count = file.readSync(buffer.subarray(filled));
      if (count === null || count === 0) break;
      filled += count;
    }
    return filled;
  } finally {
    file.close();
  }
}
