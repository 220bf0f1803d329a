/** Small files, read whole and compared with their checksum before any byte is sent. */
import { hash as hashOf } from "node:crypto";
import type { FileRecord } from "../interfaces/disk_catalog.ts";
import type { VirtualPath } from "../../contract/path.ts";
import { yieldTurn } from "../../common/slices.ts";
import type { Content } from "../../contract/entry.ts";
import type { Store } from "../interfaces/store.ts";

/** Maximum size of a file that is read whole. */
const SMALL_BYTES = 64 * 1024;

/**
 * Reads the content of a small file, if it matches its record.
 *
 * @returns undefined where it is not small, or does not match: the caller has to open and check it
 */
export async function knownContent(
  store: Store,
  owner: string,
  path: VirtualPath,
  record: FileRecord,
): Promise<Content | undefined> {
  if (record.size > SMALL_BYTES || record.damaged) return undefined;
  const bytes = await store.readWhole(owner, path, record);
  if (bytes === undefined || hashOf("sha256", bytes, "hex") !== record.hash) return undefined;
  return new KnownContent(bytes, record.mtimeMs);
}

class KnownContent implements Content {
  constructor(readonly bytes: Uint8Array, readonly mtimeMs: number) {}

  get size(): number {
    return this.bytes.length;
  }

  read(into: Uint8Array, offsetBytes: number): Promise<number> {
    const wanted = this.bytes.subarray(offsetBytes, offsetBytes + into.length);
    into.set(wanted);
    return Promise.resolve(wanted.length);
  }

  async readAsync(into: Uint8Array, offsetBytes: number): Promise<number> {
    await yieldTurn();
    return await this.read(into, offsetBytes);
  }

  close(): void {}
}
