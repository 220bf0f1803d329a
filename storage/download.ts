import { createHash, type Hash } from "node:crypto";
import type { Access, Place } from "./access.ts";
import type { FileRecord } from "./catalog.ts";
import { StoreError } from "./error.ts";
import type { Content } from "./store.ts";
import { isTrueOf, type VaultCore } from "./vault_core.ts";

/**
 * One version of a file being read. Read from its first to its last byte it is also verified: what
 * is sent is hashed on the way.
 */
export class Download {
  #hash: Hash | undefined = createHash("sha256");
  #next = 0;

  constructor(
    readonly core: VaultCore,
    readonly access: Access,
    readonly place: Place,
    readonly content: Content,
    readonly record: FileRecord,
  ) {}

  /** Path as the reader wrote it. */
  get path(): string {
    return this.place.shown;
  }

  /**
   * Reads into `into` from `offsetBytes` on.
   *
   * @returns how many bytes; fewer than asked only at the end
   * @throws {StoreError} `denied` once the right to read is gone, `checksum` where the content is
   * shorter than it was
   */
  async read(into: Uint8Array, offsetBytes: number): Promise<number> {
    await this.access.stillAllowed(this.place, "r");
    const read = this.content.read(into, offsetBytes);
    const count = typeof read === "number" ? read : await read;
    if (offsetBytes !== this.#next) this.#hash = undefined; // only a part of it is read
    this.#next = offsetBytes + count;
    this.#hash?.update(count === into.length ? into : into.subarray(0, count));
    return count;
  }

  /**
   * Ends the download.
   *
   * @throws {StoreError} `checksum` where all of the content was read and does not hash to what
   * was recorded; it is known as damaged from then on
   */
  async finish(): Promise<void> {
    if (this.#hash === undefined || this.#next !== this.record.size) return;
    const actual = this.#hash.digest("hex");
    this.#hash = undefined;
    if (actual === this.record.hash) return;
    const { owner, path } = this.place;
    const now = await this.core.store.stat(owner, path);
    if (now && isTrueOf(this.record, now)) {
      await this.core.catalog.noteFile(owner, path, { ...this.record, damaged: true });
    }
    throw new StoreError("checksum", `"${this.path}" is damaged on the server's disk`, {
      expected: this.record.hash,
      actual,
    });
  }

  close(): void {
    this.content.close();
  }
}
