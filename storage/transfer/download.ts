import { crc32 } from "node:zlib";
import type { Access, Place } from "../access/access.ts";
import { actorOf, type AuditResult, resultOf } from "../monitor/audit.ts";
import type { FileRecord } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import type { Principal } from "../contract/principal.ts";
import { RunningHash } from "../contract/running_hash.ts";
import type { RunningTransfer, TransferInfo } from "../monitor/sessions.ts";
import { hashContent } from "../common/slices.ts";
import type { Content } from "../contract/entry.ts";
import type { OpenFile } from "../contract/tree.ts";
import { Tally } from "../monitor/tally.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * One version of a file being read. Read from its first to its last byte it is also verified, on
 * the way: by its SHA-256, or where this process hashed the same content before, by its CRC-32.
 */
export class Download implements RunningTransfer {
  /** The CRC-32 that the content has to have. */
  readonly #expectedCrc: number | undefined;
  #crc = 0;
  #hash: RunningHash | undefined;
  /** Whether every byte read so far was hashed. */
  #verifying: boolean;
  #next = 0;
  #result: AuditResult | undefined;
  /** Recorded permission bits of the file. */
  mode: number | undefined;
  readonly #tally: Tally;

  constructor(
    readonly core: VaultCore,
    readonly access: Access,
    readonly place: Place,
    readonly content: Content,
    readonly record: FileRecord,
    { proved, crc }: Pick<OpenFile, "proved" | "crc">,
  ) {
    this.#verifying = !proved;
    this.#expectedCrc = crc;
    if (this.#verifying && this.#expectedCrc === undefined) this.#hash = RunningHash.begin();
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
   * @returns number of bytes; fewer than `into.length` only at the end
   * @throws {StoreError} `denied` once the permission to read is revoked, `checksum` where the
   * content is shorter than it was
   */
  async read(into: Uint8Array, offsetBytes: number): Promise<number> {
    let count: number;
    try {
      await this.access.stillAllowed(this.place, "r", true);
      count = await this.content.read(into, offsetBytes);
    } catch (error) {
      this.#result = resultOf(error);
      throw error;
    }
    this.#tally.bytes += count;
    if (offsetBytes !== this.#next) this.#verifying = false; // only a part of it is read
    this.#next = offsetBytes + count;
    if (this.#verifying) this.#look(count === into.length ? into : into.subarray(0, count));
    return count;
  }

  #look(bytes: Uint8Array): void {
    if (this.#hash !== undefined) this.#hash.update(bytes);
    else this.#crc = crc32(bytes, this.#crc);
  }

  /**
   * Ends the download.
   *
   * @throws {StoreError} `checksum` where all of the content was read and does not hash to what
   * was recorded; it is known as damaged from then on
   */
  async finish(): Promise<void> {
    this.#result = "ok";
    if (!this.#verifying || this.#next !== this.record.size) return;
    this.#verifying = false;
    if (this.#hash === undefined ? this.#crc === this.#expectedCrc : await this.#hashesRight()) {
      return;
    }
    this.#result = "checksum";
    const { hash: expected, size } = this.record;
    // A CRC-32 that differs needs the SHA-256 of the disk's content for the report.
    const { hash: actual, crc } = this.#hash?.sums() ?? await hashContent(this.content, size);
    if (actual === expected) {
      await this.core.tree.noteProved(this.record, crc); // it may be the note that was wrong
      throw new StoreError("checksum", `"${this.path}" was read wrongly from disk; try again`);
    }
    const { owner, path } = this.place;
    await this.core.tree.noteDamage(owner, path, this.record, true);
    throw new StoreError("checksum", `"${this.path}" is damaged on the server's disk`, {
      expected,
      actual,
    });
  }

  async #hashesRight(): Promise<boolean> {
    const { hash, crc } = this.#hash!.sums();
    if (hash !== this.record.hash) return false;
    await this.core.tree.noteProved(this.record, crc);
    return true;
  }

  /** Closes it, once; one that was not finished counts as broken off. */
  close(): void {
    if (!this.core.presence.downloads.delete(this)) return;
    this.content.close();
    const event = this.#tally.event(this.#result ?? "aborted");
    this.core.audit.write(actorOf(this.principal), event);
  }
}
