import { yieldTurn } from "../common/slices.ts";
import { clock } from "../contract/clock.ts";
import type { PartContent, SafePrefix } from "../contract/parts.ts";
import { takenOver } from "../contract/taken_over.ts";
import type { Announcement, UploadRecord } from "../contract/upload_record.ts";
import type { MemoryPlaces } from "./places.ts";
import { cut, type Segment, sizeOf } from "./segments.ts";
import { addUpload, reserve } from "./uploads.ts";

/** An unfinished upload: a buffer that becomes immutable objects, and rows that name them. */
export class MemoryPart implements PartContent {
  /** Content in objects. */
  #segments: readonly Segment[];
  #safe: readonly SafePrefix[];
  /** Content behind the objects. */
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #recorded: boolean;
  #objects = 0;

  /** @param resumed safe prefix of the upload, where it has a record */
  constructor(
    private readonly places: MemoryPlaces,
    readonly record: UploadRecord,
    resumed?: { readonly segments: readonly Segment[]; readonly safe: readonly SafePrefix[] },
  ) {
    this.#segments = resumed?.segments ?? [];
    this.#safe = resumed?.safe ?? [];
    this.#recorded = resumed !== undefined;
  }

  get #tables() {
    return this.places.database.tables;
  }

  get recorded(): boolean {
    return this.#recorded;
  }

  async keep(): Promise<boolean> {
    if (this.#recorded) return true;
    this.#recorded = await this.places.run(false, () => addUpload(this.#tables, this.record));
    return this.#recorded;
  }

  async append(bytes: Uint8Array): Promise<undefined> {
    await yieldTurn(); // as on a network: who changes the bytes meanwhile changes what is stored
    const { length } = this.#buffer;
    const buffer = new Uint8Array(length + bytes.length);
    buffer.set(this.#buffer);
    buffer.set(bytes, length);
    this.#buffer = buffer;
    await yieldTurn();
  }

  /** Moves the first bytes into objects. @returns their places */
  async seal(sizeBytes: number): Promise<readonly Segment[]> {
    await yieldTurn();
    const start = sizeOf(this.#segments);
    if (sizeBytes > start) {
      const bytes = this.#buffer.slice(0, sizeBytes - start);
      const { id, writer } = this.record;
      const object = `content/${id}/${writer}-${start}-${this.#objects++}`;
      await this.places.database.objects.put(object, bytes);
      this.#segments = [...this.#segments, { start, size: bytes.length, object }];
      this.#buffer = this.#buffer.slice(bytes.length);
    }
    return cut(this.#segments, sizeBytes);
  }

  async checkpoint(prefix: SafePrefix): Promise<void> {
    const segments = await this.seal(prefix.offset);
    await this.places.step?.("checkpoint: content is stored");
    const before = this.#safe.filter(({ offset }) => offset < prefix.offset);
    await this.#note([...before, prefix], segments);
    await this.places.step?.("checkpoint: noted");
  }

  async rewind(offset: number): Promise<number> {
    const sealed = sizeOf(this.#segments);
    const before = this.#segments;
    this.#segments = cut(before, offset);
    this.#buffer = this.#buffer.slice(0, Math.max(0, offset - sealed));
    const safe = this.#safe.filter((prefix) => prefix.offset <= offset);
    const safeBytes = safe.at(-1)?.offset ?? 0;
    if (this.#safe.length > 0) await this.#note(safe, cut(this.#segments, safeBytes));
    else await yieldTurn();
    await this.places.run(false, () => this.#tables.discard(before));
    return safeBytes;
  }

  async announce(whole: Announcement): Promise<boolean> {
    const change = () => this.#tables.changeUpload(this.record, whole);
    if (!await this.places.run(false, change)) return false;
    Object.assign(this.record, whole);
    return true;
  }

  async release(offset: number): Promise<void> {
    await this.places.run(false, () => {
      this.#tables.discard(this.#segments);
      const upload = this.#recorded ? this.#tables.ofWriter(this.record) : undefined;
      if (upload === undefined) return;
      reserve(this.#tables, upload, offset);
      this.#tables.changeUpload(this.record, { holder: null });
    });
  }

  async discard(): Promise<void> {
    await this.places.run(true, () => {
      this.#tables.discard(this.#segments);
      const upload = this.#recorded ? this.#tables.ofWriter(this.record) : undefined;
      if (upload !== undefined) this.#tables.dropUpload(upload);
    });
  }

  async #note(safe: readonly SafePrefix[], segments: readonly Segment[]): Promise<void> {
    const { record } = this;
    const { offset: offsetBytes, hash: offsetHash } = safe.at(-1) ?? { offset: 0, hash: null };
    const updatedMs = Math.max(record.updatedMs, clock.now());
    const change = { safe, segments, offsetBytes, offsetHash, updatedMs };
    if (!await this.places.run(true, () => this.#tables.changeUpload(record, change))) {
      throw takenOver(record.id);
    }
    this.#safe = safe;
    Object.assign(record, { offsetBytes, offsetHash, updatedMs });
  }
}
