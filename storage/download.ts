import { createHash, type Hash } from "node:crypto";
import type { Access, Place } from "./access.ts";
import { actorOf, type AuditResult, resultOf } from "./audit.ts";
import type { FileRecord } from "./catalog.ts";
import { StoreError } from "./error.ts";
import { type Inode, NOTED_BYTES } from "./proofs.ts";
import type { Principal } from "./principal.ts";
import type { RunningTransfer, TransferInfo } from "./sessions.ts";
import type { Content } from "./store.ts";
import { Tally } from "./tally.ts";
import { isTrueOf, type VaultCore } from "./vault_core.ts";

/**
 * One version of a file being read. Read from its first to its last byte it is also verified: what
 * is sent is hashed on the way, unless that was proved before.
 */
export class Download implements RunningTransfer {
  #hash: Hash | undefined;
  readonly #inode: Inode | undefined;
  readonly #begunMs = Date.now();
  #next = 0;
  #result: AuditResult | undefined;
  readonly #tally: Tally;

  constructor(
    readonly core: VaultCore,
    readonly access: Access,
    readonly place: Place,
    readonly content: Content,
    readonly record: FileRecord,
    /** Whether the content was compared with the checksum already. */
    proved = false,
  ) {
    if (!proved) {
      this.#hash = createHash("sha256");
      if (record.size >= NOTED_BYTES) this.#inode = content.inode?.();
    }
    this.#tally = new Tally("download", place.shown);
    core.presence.downloads.add(this);
  }

  get principal(): Principal {
    return this.access.principal;
  }

  get transfer(): TransferInfo {
    return this.#tally.info(this.#next, this.record.size);
  }

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
    let count: number;
    try {
      await this.access.stillAllowed(this.place, "r", true);
      const read = this.content.read(into, offsetBytes);
      count = typeof read === "number" ? read : await read;
    } catch (error) {
      this.#result = resultOf(error);
      throw error;
    }
    this.#tally.bytes += count;
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
    this.#result = "ok";
    if (this.#hash === undefined || this.#next !== this.record.size) return;
    const actual = this.#hash.digest("hex");
    this.#hash = undefined;
    if (actual === this.record.hash) {
      if (this.#inode !== undefined) {
        this.core.proofs.noteRead(this.#inode, this.content.inode?.(), this.#begunMs, actual);
      }
      return;
    }
    this.#result = "checksum";
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

  /** Closes it, once; one that was not finished counts as broken off. */
  close(): void {
    if (!this.core.presence.downloads.delete(this)) return;
    this.content.close();
    const event = this.#tally.event(this.#result ?? "aborted");
    this.core.audit.write(actorOf(this.principal), event);
  }
}
