import { createHash } from "node:crypto";
import { type ConfigDirectory, fileKey } from "../../lib/connection/config.ts";
import { Interrupted, localError } from "../../lib/common/error.ts";
import { PrefixHash } from "../../lib/local/prefix.ts";
import { quoted } from "../../../common/printable.ts";

/**
 * A file written so shortly before it was hashed may be written again within the same tick of its
 * file system's clock, so that its times do not change.
 */
const FRESH_MS = 2000;

/** Size, modification and change time in ms, inode, and the SHA-256 that belongs to them. */
type Remembered = [size: number, mtime: number, ctime: number, inode: number, hash: string];

/**
 * Checksums of local files, computed by streaming. One is taken from memory only if size,
 * modification time, change time and inode are the same, and the file had not changed for a while
 * when it was hashed: programs can set the modification time back, but not the change time.
 */
export class LocalSums {
  readonly #config: ConfigDirectory | undefined;
  readonly #place: string;
  readonly #before: Map<string, Remembered>;
  readonly #now = new Map<string, Remembered>();

  /** @param root absolute path of the tree whose checksums are remembered together */
  constructor(config: ConfigDirectory | undefined, root: string) {
    this.#config = config;
    this.#place = `sums/${fileKey(root)}.json`;
    this.#before = new Map(Object.entries(config?.readJson(this.#place) ?? {}).filter(isEntry));
  }

  /**
   * SHA-256 in hex of a file's content.
   *
   * @throws {ClientError} where it cannot be read
   */
  async of(path: string, signal?: AbortSignal): Promise<string> {
    const began = Date.now();
    let file: Deno.FsFile | undefined;
    try {
      file = Deno.openSync(path, { read: true });
      const open = file;
      const info = file.statSync();
      const known = this.#now.get(path) ?? this.#before.get(path);
      if (known !== undefined && describes(known, info)) {
        this.#now.set(path, known);
        return known[4];
      }
      const hash = new PrefixHash();
      const whole = await hash.goTo(info.size, {
        read: (into) => open.readSync(into) ?? 0,
        seek: (offset) => void open.seekSync(offset, Deno.SeekMode.Start),
      }, signal);
      if (signal?.aborted) throw new Interrupted();
      // One that shrinks meanwhile is unlike anything.
      const digest = whole ? hash.digest() : createHash("sha256").digest("hex");
      if (whole) this.learn(path, digest, began);
      return digest;
    } catch (error) {
      throw localError(error, `Cannot read ${quoted(path)}`, path);
    } finally {
      file?.close();
    }
  }

  /**
   * Stores a checksum that another part of the client computed.
   *
   * @param readSinceMs before the first byte was read, in ms since the Unix epoch
   */
  learn(path: string, hash: string, readSinceMs: number): void {
    try {
      const { size, mtime, ctime, ino } = Deno.lstatSync(path);
      if (mtime === null || ctime === null || ino === null) return;
      const latest = Math.max(mtime.getTime(), ctime.getTime());
      if (latest + FRESH_MS > readSinceMs) return;
      this.#now.set(path, [size, mtime.getTime(), ctime.getTime(), ino, hash]);
    } catch {
      // Gone: there is nothing to remember.
    }
  }

  /** Saves the checksums of files that still exist; an error is ignored. */
  keep(): void {
    try {
      this.#config?.write(this.#place, JSON.stringify(Object.fromEntries(this.#now)) + "\n");
    } catch {
      // The next run computes them again.
    }
  }
}

function describes([size, mtime, ctime, inode]: Remembered, info: Deno.FileInfo): boolean {
  return info.size === size && info.mtime?.getTime() === mtime &&
    info.ctime?.getTime() === ctime && info.ino === inode;
}

function isEntry(entry: [string, unknown]): entry is [string, Remembered] {
  const value = entry[1];
  return Array.isArray(value) && value.length === 5 &&
    value.slice(0, 4).every((one) => typeof one === "number") && typeof value[4] === "string";
}
