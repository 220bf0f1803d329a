/**
 * Space and files set aside on the disk for the catalog, so that logins, removals and the start work
 * when everything else is full (docs/storage.md, "A full disk").
 */
import { join } from "@std/path";
import { isDiskFull } from "../../../common/os_error.ts";

/** Directory of the reserve, in the data directory. */
const RESERVE_DIRECTORY = "reserve";

/** The reserve is several files: each gives back its bytes and its inode. */
const PIECES = 8;
const PIECE_BYTES = 512 * 1024;
const CHUNK_BYTES = 64 * 1024; // `getRandomValues` takes no more at once

/** The reserve of one data directory. Processes and workers that have it open share it. */
export class SpaceReserve {
  readonly #directory: string;

  /** @param data the directory that holds the catalog */
  constructor(data: string) {
    this.#directory = join(data, RESERVE_DIRECTORY);
  }

  /**
   * Makes what is missing of the reserve, as far as there is room.
   *
   * @returns whether it is whole now
   */
  fill(): boolean {
    try {
      Deno.mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      for (let piece = 0; piece < PIECES; piece++) fillPiece(this.#place(piece));
      return true;
    } catch {
      return false; // a reserve that cannot be made is no reason to stop anything
    }
  }

  /**
   * Gives back the space and the inode of one piece.
   *
   * @param kept pieces that are not given back
   * @returns false where nothing is left
   */
  release(kept = 0): boolean {
    for (let piece = PIECES - 1; piece >= kept; piece--) {
      try {
        Deno.removeSync(this.#place(piece));
        return true;
      } catch {
        // Given back before, or never made.
      }
    }
    return false;
  }

  /**
   * Runs `work` as {@linkcode use} does, for what the catalog does not depend on: half of the reserve
   * stays for the catalog.
   */
  share<T>(work: () => T): T {
    return this.use(work, isDiskFull, PIECES / 2);
  }

  /**
   * Runs `work`, which must be repeatable, and releases reserved space while it fails because the
   * disk is full.
   */
  use<T>(work: () => T, isFull: (error: unknown) => boolean = isDiskFull, kept = 0): T {
    while (true) {
      try {
        return work();
      } catch (error) {
        if (!isFull(error) || !this.release(kept)) throw error;
      }
    }
  }

  #place(piece: number): string {
    return join(this.#directory, String(piece));
  }
}

/** Makes one file whose blocks are really allocated: file systems compress zeros to nothing. */
function fillPiece(place: string): void {
  if (sizeOf(place) === PIECE_BYTES) return;
  try {
    using file = Deno.openSync(place, { write: true, create: true, truncate: true, mode: 0o600 });
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let at = 0; at < PIECE_BYTES; at += CHUNK_BYTES) {
      crypto.getRandomValues(chunk);
      for (let done = 0; done < chunk.length;) done += file.writeSync(chunk.subarray(done));
    }
    file.syncSync(); // allocated when written, not when the catalog needs it
  } catch (error) {
    Deno.removeSync(place); // half a piece would only take the space that others need
    throw error;
  }
}

function sizeOf(place: string): number | undefined {
  try {
    return Deno.lstatSync(place).size;
  } catch {
    return undefined;
  }
}
