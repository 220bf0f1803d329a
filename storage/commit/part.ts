import { clock } from "../contract/clock.ts";
import { hash as hashOf } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Lease } from "../../buffers/pool.ts";
import type { Catalog, UploadRecord } from "../contract/catalog.ts";
import {
  addPrefix,
  formatCheckpoint,
  type SafePrefix,
  safePrefixes,
} from "../contract/checkpoint.ts";
import type { Condition } from "../access/condition.ts";
import { StoreError } from "../contract/error.ts";
import { RunningHash } from "../common/running_hash.ts";
import { readSlices } from "../common/slices.ts";
import type { PartContent, Store } from "../contract/store.ts";
import { takenOver } from "./writer.ts";

/** Names a moment between two steps, so that tests can end the process there. */
export type StepHook = (step: string) => void | Promise<void>;

const CHANGED_IN_MEMORY =
  "Bytes of the upload changed in the server's memory while they were written to disk, so they were not stored; send them again";

/** A place in a part that can be gone back to. */
export interface PartMark {
  /** Bytes before it. */
  readonly offset: number;
  /** Their running hash, or their hash where nothing can follow. */
  readonly hash: RunningHash;
  readonly whole: string | undefined;
}

/**
 * The content of an unfinished upload with its running hash. A checkpoint is: all bytes written,
 * synced, then offset and prefix hash recorded; the offset in the checkpoint counts, never the
 * size of the part.
 */
export class Part {
  #offset = 0;
  /** Made with the first bytes that are not the whole. */
  #hash: RunningHash | undefined;
  /** SHA-256 in hex of content that came in one piece. */
  #whole: string | undefined;
  #safe: SafePrefix[] = [];
  /** Whether a checkpoint file is beside the part. */
  #saved = false;
  #checkpointing: Promise<number> | undefined;
  #writing: Promise<void> | undefined;
  #broken: unknown;
  /** What the name asked for must hold when the part is given it. */
  condition: Condition | undefined;
  /** The client's own name for this upload, which it repeats when it sends the upload again. */
  key: string | undefined;

  private constructor(
    readonly record: UploadRecord,
    readonly content: PartContent,
    readonly store: Store,
    readonly catalog: Catalog,
    readonly step: StepHook | undefined,
  ) {}

  /** Makes the part of a new upload. */
  static async create(
    record: UploadRecord,
    store: Store,
    catalog: Catalog,
    step?: StepHook,
  ): Promise<Part> {
    const made = store.createPart(record.owner, record.id);
    return new Part(record, made instanceof Promise ? await made : made, store, catalog, step);
  }

  /**
   * Opens a part again: its content is hashed anew, and cut back to the last checkpoint that it
   * still hashes to.
   *
   * @param how `mostBytes`: cut to so many bytes where more are safe; `apart`: an earlier writer may
   * still write to the part, which is copied; so it is where the store knows of one
   */
  static async reopen(
    record: UploadRecord,
    store: Store,
    catalog: Catalog,
    step?: StepHook,
    { mostBytes = Infinity, apart = false }: { mostBytes?: number; apart?: boolean } = {},
  ): Promise<Part> {
    const { owner, id } = record;
    const safe = safePrefixes(record, await store.loadCheckpoint(owner, id));
    const length = Math.min(mostBytes, safe.at(-1)?.offset ?? 0);
    let content = apart ? undefined : await store.openPart(owner, id);
    if (content?.claim() === false) {
      content.close();
      content = undefined;
    }
    const copied = content === undefined;
    if (content === undefined) {
      content = await store.renewPart(owner, id, length);
      content.claim();
    }
    try {
      const part = new Part(record, content, store, catalog, step);
      part.#saved = true;
      await part.#verify(safe, mostBytes);
      if (copied) await part.save(true); // under the new writer's number
      return part;
    } catch (error) {
      content.close();
      throw error;
    }
  }

  /** Bytes received. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that the last checkpoint holds safe. */
  get safeOffset(): number {
    return this.#safe.at(-1)?.offset ?? 0;
  }

  /** SHA-256 of all bytes received, in hex. */
  digest(): string {
    return this.#whole ?? this.#running().digest();
  }

  /** CRC-32 of all bytes received; undefined where they came in one piece. */
  get crc(): number | undefined {
    return this.#whole === undefined ? this.#hash?.crc : undefined;
  }

  #running(): RunningHash {
    return this.#hash ??= RunningHash.begin();
  }

  /**
   * Writes and hashes the next bytes. A large piece is hashed while it is written.
   *
   * Without a lease it resolves once the bytes are written and the caller may change them. With one
   * it retains the lease until then, and resolves as soon as more can be appended; a write that
   * fails after that is reported by the next call or by `settled()`. After a failed write only the
   * last checkpoint counts.
   */
  append(bytes: Uint8Array, lease?: Lease): void | Promise<void> {
    if (this.#writing) return this.#writing.then(() => this.append(bytes, lease));
    if (this.#broken !== undefined) throw this.#broken;
    const from = this.#hash?.crc ?? 0;
    const written = this.content.write(bytes, this.#offset);
    this.#count(bytes);
    if (written === undefined) return;
    const crc = this.#whole === undefined ? this.#running().crc : crc32(bytes, from);
    lease?.retain();
    this.#writing = this.#finishWrite(written, bytes, from, crc).finally(() => {
      lease?.release();
      this.#writing = undefined;
    });
    if (lease === undefined) return this.settled();
  }

  /**
   * Waits for a write, and compares the CRC-32 of its bytes with the one they had when they were
   * hashed: bytes that were changed in between are on disk as no hash describes them.
   */
  async #finishWrite(
    written: Promise<void>,
    bytes: Uint8Array,
    from: number,
    crc: number,
  ): Promise<void> {
    try {
      await written;
      if (crc32(bytes, from) !== crc) throw new StoreError("io", CHANGED_IN_MEMORY);
    } catch (error) {
      this.#broken = error;
    }
  }

  /** Resolves once all that was appended is written; throws where that failed. */
  settled(): Promise<void> | void {
    if (this.#writing) return this.#writing.then(() => this.settled());
    if (this.#broken !== undefined) throw this.#broken;
  }

  #count(bytes: Uint8Array): void {
    // Hashed in one call where nothing can follow: more than was announced is never appended.
    if (this.#offset === 0 && bytes.length === this.record.sizeBytes) {
      this.#whole = hashOf("sha256", bytes, "hex");
    } else {
      this.#running().update(bytes);
    }
    this.#offset += bytes.length;
  }

  /** The place that was reached: to come back to it, see {@linkcode rewind}. */
  mark(): PartMark {
    return { offset: this.#offset, hash: this.#running().copy(), whole: this.#whole };
  }

  /** Drops what was appended since a mark. Nothing may be appended while it runs. */
  async rewind({ offset, hash, whole }: PartMark): Promise<void> {
    await this.#checkpointing?.catch(() => {}); // its caller has been told
    await this.settled();
    await this.content.truncate(offset);
    this.#offset = offset;
    this.#hash = hash.copy();
    this.#whole = whole;
    this.#safe = this.#safe.filter((prefix) => prefix.offset <= offset);
    if (this.#saved) await this.save(true);
  }

  /**
   * Makes all bytes received so far safe. More may be appended while it runs.
   *
   * @returns the offset that is safe now
   */
  async checkpoint(): Promise<number> {
    this.#checkpointing = this.#checkpoint();
    return await this.#checkpointing;
  }

  async #checkpoint(): Promise<number> {
    const prefix = { offset: this.#offset, hash: this.digest() };
    await this.settled();
    await this.content.sync();
    await this.step?.("checkpoint: synced");
    addPrefix(this.#safe, prefix);
    await this.save(true);
    await this.step?.("checkpoint: saved");
    return prefix.offset;
  }

  /**
   * Writes the checkpoint file. The catalog is told first: it knows whether this is still the
   * upload's writer.
   *
   * @throws {StoreError} `aborted` where it is not
   */
  async save(durable: boolean): Promise<void> {
    const { record } = this;
    const { offset, hash } = this.#safe.at(-1) ?? { offset: 0, hash: null };
    record.updatedMs = Math.max(record.updatedMs, clock.now());
    record.offsetBytes = offset;
    record.offsetHash = hash;
    const text = formatCheckpoint(record, this.#safe);
    const confirm = () => this.catalog.noteProgress(record, { offset, hash }, record.updatedMs);
    const options = { durable, confirm };
    if (!await this.store.saveCheckpoint(record.owner, record.id, text, options)) {
      throw takenOver(record.id);
    }
    this.#saved = true;
    if (durable) await this.step?.("checkpoint: written");
  }

  async #verify(safe: readonly SafePrefix[], mostBytes: number): Promise<void> {
    const size = await this.content.size();
    const candidates = safe.filter((prefix) => prefix.offset > 0 && prefix.offset <= size);
    const end = candidates.at(-1)?.offset ?? 0;
    // Where it is to be cut is looked at on the way: its hash is not known before.
    const stops: { offset: number; hash?: string }[] = [...candidates];
    if (mostBytes < end) stops.push({ offset: mostBytes });
    stops.sort((a, b) => a.offset - b.offset);
    const running = RunningHash.begin();
    let cut: RunningHash | undefined;
    let next = 0;
    await readSlices(this.content, end, (slice, offset) => {
      let from = 0;
      while (next < stops.length && stops[next]!.offset <= offset + slice.length) {
        const stop = stops[next]!;
        running.update(slice.subarray(from, stop.offset - offset));
        from = stop.offset - offset;
        next++;
        const state = running.copy();
        if (stop.hash === undefined) cut = state;
        if (state.digest() !== stop.hash) continue;
        this.#safe.push({ offset: stop.offset, hash: stop.hash });
        this.#hash = state;
        this.#offset = stop.offset;
      }
      running.update(slice.subarray(from));
    });
    if (cut !== undefined && this.#offset > mostBytes) {
      this.#hash = cut;
      this.#offset = mostBytes;
      this.#safe = this.#safe.filter((prefix) => prefix.offset < mostBytes);
      this.#safe.push({ offset: mostBytes, hash: this.digest() });
    }
    if (size !== this.#offset) await this.content.truncate(this.#offset);
    if (this.safeOffset !== (safe.at(-1)?.offset ?? 0)) await this.save(true);
  }
}
