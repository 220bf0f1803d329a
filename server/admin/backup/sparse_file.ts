/** Writes a file that is being restored: hashed, private, with holes in place of zeros. */
import { dirname } from "@std/path";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

const PIECE_BYTES = 256 * 1024;
const ZEROS = new Uint8Array(PIECE_BYTES);

/** A new file of mode 600, whose directories are made too. */
export class SparseFile implements Disposable {
  readonly #hash = createHash("sha256");
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
  }

  /** Adds bytes. A piece of zeros becomes a hole. */
  write(piece: Uint8Array): void {
    this.#hash.update(piece);
    if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) === 0) {
      this.#file.seekSync(piece.length, Deno.SeekMode.Current);
      return;
    }
    for (let at = 0; at < piece.length;) at += this.#file.writeSync(piece.subarray(at));
  }

  /** Gives a file that ends with a hole its size. @returns the SHA-256 of all bytes in hex */
  finish(): string {
    this.#file.truncateSync(this.#file.seekSync(0, Deno.SeekMode.Current));
    return this.#hash.digest("hex");
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** The content of an open file, piece by piece. */
export function* piecesOf(file: Deno.FsFile): Generator<Uint8Array> {
  while (true) {
    const piece = new Uint8Array(PIECE_BYTES);
    const count = file.readSync(piece);
    if (count === null) return;
    yield piece.subarray(0, count);
  }
}
