import { delay } from "@std/async";
import { type Entry, isTrueOf } from "../../contract/entry.ts";
import type { FileRecord } from "../../contract/file_record.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { hashContent } from "../../common/slices.ts";
import type { Places } from "../interfaces/places.ts";

/**
 * Resolution of modification times, ms, with a margin: Linux sets them from a clock that advances
 * every 1 to 10 ms.
 */
const TICK_MS = 20;

/** Checksums of files that came by other means, and what is noted of them. */
export class Hashing {
  readonly #running = new Map<string, Promise<FileRecord>>();

  constructor(private readonly places: Places) {}

  /** Hashes one state of a file, and notes what it is; once for all that ask at the same time. */
  hash(owner: string, path: VirtualPath, entry: Entry): Promise<FileRecord> {
    const key = `${owner}:${entry.size}:${entry.mtimeMs}:${path}`;
    let running = this.#running.get(key);
    if (running === undefined) {
      running = this.#hashNow(owner, path).finally(() => this.#running.delete(key));
      this.#running.set(key, running);
    }
    return running;
  }

  async #hashNow(owner: string, path: VirtualPath): Promise<FileRecord> {
    const { store, catalog, proofs } = this.places;
    const known = await catalog.file(owner, path) ?? null;
    const content = await store.open(owner, path);
    try {
      // A program that writes again within the tick of its last write leaves the time as it is: the
      // checksum of the content in between would be recorded, and the file taken for damaged.
      const restMs = content.mtimeMs + TICK_MS - Date.now();
      if (restMs > 0 && restMs <= TICK_MS) await delay(restMs);
      const { hash, crc, length } = await hashContent(content, content.size);
      proofs.note(hash, crc, length);
      const record = {
        size: length,
        mtimeMs: content.mtimeMs,
        hash,
        storedMs: content.mtimeMs,
        damaged: false,
      };
      await this.note(owner, path, record, known);
      return record;
    } finally {
      content.close();
    }
  }

  /**
   * Records the metadata of a hashed file, if the file is unchanged and still recorded as `known`:
   * it may have been replaced, moved or removed meanwhile.
   */
  async note(
    owner: string,
    path: VirtualPath,
    record: FileRecord,
    known: FileRecord | null,
  ): Promise<void> {
    const { store, catalog } = this.places;
    const isThere = async () => {
      const now = await store.stat(owner, path).catch(() => undefined);
      return now !== undefined && isTrueOf(record, now);
    };
    if (!await isThere()) return;
    const noted = await catalog.noteFile(owner, path, record, known);
    // Otherwise a file that was moved or removed in between would count without end.
    if (noted && !await isThere()) await catalog.unnoteFile(owner, path, record);
  }
}
