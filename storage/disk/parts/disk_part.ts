import { isFollowing, trace } from "../../common/reports.ts";
import { clock } from "../../contract/clock.ts";
import type { Appended, PartContent, SafePrefix } from "../../contract/parts.ts";
import { takenOver } from "../../contract/taken_over.ts";
import type { Announcement, UploadRecord } from "../../contract/upload_record.ts";
import type { StoredPart } from "../interfaces/store.ts";
import type { Places } from "../interfaces/places.ts";
import { addPrefix, formatCheckpoint } from "./checkpoint.ts";
import { dropPart } from "./writer.ts";

/**
 * A part with its checkpoint. A checkpoint is: all bytes written, synced, then offset and prefix
 * hash recorded; the offset in the checkpoint counts, never the size of the part.
 */
export class DiskPart implements PartContent {
  #size = 0;
  readonly #safe: SafePrefix[] = [];
  /** Whether a checkpoint file is beside the part. */
  #saved = false;
  #recorded = false;

  constructor(
    private readonly places: Places,
    readonly record: UploadRecord,
    /** The part itself. */
    readonly file: StoredPart,
  ) {}

  /**
   * The part of an upload that has a record already.
   *
   * @param safe prefixes that its content agrees with, shortest first; it is as long as the last
   */
  static resumed(
    places: Places,
    record: UploadRecord,
    file: StoredPart,
    safe: readonly SafePrefix[],
  ): DiskPart {
    const part = new DiskPart(places, record, file);
    part.#safe.push(...safe);
    part.#size = safe.at(-1)?.offset ?? 0;
    part.#saved = true;
    part.#recorded = true;
    return part;
  }

  get recorded(): boolean {
    return this.#recorded;
  }

  async keep(): Promise<boolean> {
    if (this.#recorded) return true;
    if (!await this.places.catalog.addUpload(this.record)) return false;
    this.#recorded = true;
    this.#trace("recorded");
    this.file.claim();
    return true;
  }

  append(bytes: Uint8Array): Appended {
    const written = this.file.write(bytes, this.#size);
    this.#size += bytes.length;
    return written === undefined ? undefined : { written };
  }

  async checkpoint(prefix: SafePrefix): Promise<void> {
    const { step } = this.places;
    await this.file.sync();
    await step?.("checkpoint: synced");
    addPrefix(this.#safe, prefix);
    await this.save(true);
    this.#trace("checkpoint");
    await step?.("checkpoint: saved");
  }

  async rewind(offset: number): Promise<number> {
    await this.file.truncate(offset);
    this.#size = offset;
    const kept = this.#safe.filter((prefix) => prefix.offset <= offset);
    this.#safe.splice(0, this.#safe.length, ...kept);
    if (this.#saved) await this.save(true);
    return this.#safe.at(-1)?.offset ?? 0;
  }

  async announce(whole: Announcement): Promise<boolean> {
    if (!await this.places.catalog.setAnnounced(this.record, whole)) return false;
    Object.assign(this.record, whole);
    await this.save(false);
    return true;
  }

  async release(offset: number): Promise<void> {
    const { store, catalog } = this.places;
    const { record } = this;
    this.#trace("suspended");
    this.#close();
    if (!this.#recorded) return await store.removePart(record.owner, record.id);
    // Missing bytes hold no quota while no client sends them. If this cannot be recorded, the next
    // writer and housekeeping correct it.
    await catalog.reserve(record, offset).catch(() => {});
    await catalog.releaseUpload(record).catch(() => {});
  }

  async discard(): Promise<void> {
    this.#trace("dropped");
    this.#close();
    await dropPart(this.places, this.record, { recorded: this.#recorded });
  }

  #trace(message: string): void {
    if (isFollowing()) trace("parts", message, { upload: this.record.id, bytes: this.#size });
  }

  #close(): void {
    this.file.close();
    this.places.store.leavePart?.(this.record.id);
  }

  /**
   * Writes the checkpoint file. The catalog is updated first: it knows whether this is still the
   * upload's writer.
   *
   * @throws {StoreError} `aborted` where it is not
   */
  async save(durable: boolean): Promise<void> {
    const { record, places: { store, catalog, step } } = this;
    const { offset, hash } = this.#safe.at(-1) ?? { offset: 0, hash: null };
    record.updatedMs = Math.max(record.updatedMs, clock.now());
    record.offsetBytes = offset;
    record.offsetHash = hash;
    const text = formatCheckpoint(record, this.#safe);
    const confirm = () => catalog.noteProgress(record, { offset, hash }, record.updatedMs);
    const options = { durable, confirm };
    if (!await store.saveCheckpoint(record.owner, record.id, text, options)) {
      throw takenOver(record.id);
    }
    this.#saved = true;
    if (durable) await step?.("checkpoint: written");
  }
}
