/** Reads one state of a file that others may be writing. */
import { reasonOf } from "../../../common/os_reason.ts";
import { createHash } from "node:crypto";
import { mtimeOf } from "../../../storage/open_engine.ts";

/** Size of one read. */
const PIECE_BYTES = 256 * 1024;
/** Maximum of reads of a file that changes while it is read. */
const TRIES = 3;

/** One state of a file: its size in bytes, its time in ms and its SHA-256 in hex. */
export interface FileState {
  size: number;
  mtimeMs: number;
  sha256: string;
}

/** Takes all bytes of a file: exactly `size`, zeros for those that could not be read. */
export type Take = (
  info: { size: number; mtime: Date },
  pieces: Iterable<Uint8Array>,
) => void | Promise<void>;

/**
 * Reads a file again until one read shows a single state of it.
 *
 * @param take called for each read; only its last call counts
 * @returns the reason why it could not be read; undefined: the file does not exist
 */
export async function readStable(
  path: string,
  take: Take,
): Promise<FileState | string | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const file = openToRead(path);
    if (!(file instanceof Deno.FsFile)) return file;
    using _open = file;
    const before = file.statSync();
    const { size } = before;
    const mtime = before.mtime ?? new Date(0);
    const pieces = new Pieces(file, size);
    await take({ size, mtime }, pieces);
    if (pieces.failure !== undefined) return reasonOf(pieces.failure, null);
    const after = file.statSync();
    const same = after.size === size && after.mtime?.getTime() === mtime.getTime() &&
      after.ctime?.getTime() === before.ctime?.getTime();
    if (pieces.whole && same) {
      return { size, mtimeMs: mtimeOf(before), sha256: pieces.hash.digest("hex") };
    }
  }
  return "it changed each time that it was read";
}

function openToRead(path: string): Deno.FsFile | string | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : reasonOf(error, null);
  }
}

/** The bytes of an open file, hashed as they are given out. */
class Pieces implements Iterable<Uint8Array> {
  readonly hash = createHash("sha256");
  whole = true;
  failure: unknown;

  constructor(readonly file: Deno.FsFile, readonly size: number) {}

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let left = this.size; left > 0;) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, left)); // the taker may keep it
      const count = this.#read(piece);
      this.hash.update(piece.subarray(0, count));
      left -= count;
      yield piece.subarray(0, count);
    }
  }

  #read(into: Uint8Array): number {
    try {
      const count = this.whole ? this.file.readSync(into) ?? 0 : 0;
      if (count > 0) return count;
    } catch (error) {
      this.failure = error;
    }
    this.whole = false; // it became shorter, or cannot be read
    return into.length;
  }
}
