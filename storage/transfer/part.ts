import { hash as hashOf } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Lease } from "../../buffers/pool.ts";
import { follower } from "../common/reports.ts";
import { arrivals } from "../contract/arrivals.ts";
import type { Condition } from "../contract/condition.ts";
import { StoreError } from "../contract/error.ts";
import type { Appended, OpenedPart, PartContent } from "../contract/parts.ts";
import { RunningHash } from "../contract/running_hash.ts";
import { PrefixCheck } from "./prefix_check.ts";
import { takenOver } from "../contract/taken_over.ts";
import type { UploadRecord } from "../contract/upload_record.ts";

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
  /** Does work as a part of the request that the upload began or went on with, in debug lines. */
  readonly follow = follower();
  #offset = 0;
  /** Made with the first bytes that are not the whole. */
  #hash: RunningHash | undefined;
  /** Of bytes of before that the engine still reads. */
  #check: PrefixCheck | undefined;
  /** Called once, where these turn out to be damaged. */
  onDamage: ((error: unknown) => void) | undefined;
  /** SHA-256 in hex of content that came in one piece. */
  #whole: string | undefined;
  #safeOffset = 0;
  #checkpointing: Promise<number> | undefined;
  #rewinding: Promise<void> | undefined;
  #writing: Promise<unknown> | undefined;
  #broken: unknown;
  #arrival: number | undefined;
  /** Condition on the present content of the name, checked when the part gets the name. */
  condition: Condition | undefined;
  /** The client's own name for this upload, which it repeats when it sends the upload again. */
  key: string | undefined;

  /** @param content content of a new upload, without any bytes */
  constructor(readonly content: PartContent) {}

  /**
   * The part of an upload that was taken up: once its bytes are known to be right, or at once where
   * the engine knows what they should be.
   */
  static async resume({ content, offset, hash, prefixHash }: OpenedPart): Promise<Part> {
    const part = new Part(content);
    if (prefixHash === undefined) part.#hash = await hash;
    else part.#follow(new PrefixCheck(hash, prefixHash));
    part.#offset = offset;
    part.#safeOffset = offset;
    return part;
  }

  #follow(check: PrefixCheck): void {
    this.#check = check;
    check.done.then((hash) => {
      this.#hash = hash;
      this.#check = undefined;
    }, (error) => {
      if (this.#check !== check) return; // it was stopped
      this.#broken ??= error;
      this.onDamage?.(error);
    });
  }

  /** Whether bytes of before are still read. */
  get isChecking(): boolean {
    return this.#check !== undefined;
  }

  /** Resolves once bytes of before are known to be right. @throws {StoreError} they are damaged */
  async checked(): Promise<void> {
    await this.#check?.done;
  }

  /** Resolves once more bytes may come; undefined: at once. @throws {StoreError} as `checked` */
  room(): Promise<void> | undefined {
    if (this.#check?.isFull) return this.checked();
  }

  /**
   * Bytes of before are checked no further, but for what takes no longer than a moment: else what
   * came behind them cannot be made safe, and goes.
   *
   * @param waitMs 0: nothing of it is kept anyway. @default 1 s
   */
  async stopCheck(waitMs = 1000): Promise<void> {
    if (this.#check !== undefined && waitMs > 0) await this.#check.within(waitMs);
    const check = this.#check;
    if (check === undefined) return;
    this.#check = undefined;
    this.#offset = this.#safeOffset;
    this.#broken ??= takenOver(this.record.id);
    check.stop();
  }

  /** The upload as its writer knows it. */
  get record(): UploadRecord {
    return this.content.record;
  }

  /** Bytes received. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that the last checkpoint holds safe. */
  get safeOffset(): number {
    return this.#safeOffset;
  }

  /** The number that its last byte took; undefined until that is there. */
  get arrival(): number | undefined {
    return this.#arrival;
  }

  /**
   * All of it is there, whether the disk has it or not: the order of arrivals counts from now on.
   *
   * @param number an earlier place in that order; without one it is the last
   */
  arrive(number?: number): void {
    this.#arrival ??= number ?? arrivals.next();
  }

  /** SHA-256 of all bytes received, in hex. */
  digest(): string {
    const check = this.#check;
    if (check !== undefined && !check.hasMore) return check.recorded;
    return this.#whole ?? this.#running().digest();
  }

  /** CRC-32 of all bytes received; undefined where they came in one piece. */
  get crc(): number | undefined {
    return this.#whole === undefined ? this.#hash?.crc : undefined;
  }

  #running(): RunningHash {
    if (this.#check !== undefined) throw new Error("The first bytes are not hashed yet");
    return this.#hash ??= RunningHash.begin();
  }

  /**
   * Writes and hashes the next bytes. A large piece is hashed while it is written.
   *
   * Without a lease it resolves once the bytes are written and the caller may change them. With one
   * it retains the lease until then, and resolves as soon as more can be appended; a write that
   * fails after that is reported by the next call or by `settled()`. After a failed write only the
   * last checkpoint counts. Undefined: it is written already.
   */
  append(bytes: Uint8Array, lease?: Lease): Promise<void> | undefined {
    if (this.#writing !== undefined || this.#broken !== undefined) {
      return this.#settled().then(() => this.append(bytes, lease));
    }
    let taking: Promise<Appended> | Appended;
    try {
      taking = this.content.append(bytes);
    } catch (error) {
      return Promise.reject(error);
    }
    if (taking !== undefined) return this.#appendHeld(taking, bytes, lease);
    this.#count(bytes); // written already, as a small file is: no promise is made
  }

  async #appendHeld(
    taking: Promise<Appended> | Appended,
    bytes: Uint8Array,
    lease: Lease | undefined,
  ): Promise<void> {
    const held = taking instanceof Promise ? await this.#taken(taking) : taking;
    const from = this.#hash?.crc ?? 0;
    this.#count(bytes);
    if (held === undefined) return;
    const isHashed = this.#whole === undefined && this.#check === undefined;
    const crc = isHashed ? this.#running().crc : crc32(bytes, from);
    lease?.retain();
    this.#writing = this.#finishWrite(held.written, bytes, from, crc).finally(() => {
      lease?.release();
      this.#writing = undefined;
    });
    if (lease === undefined) await this.settled();
  }

  async #taken(taking: Promise<Appended>): Promise<Appended> {
    this.#writing = taking.then(ignore, ignore); // later calls wait
    try {
      return await taking;
    } finally {
      this.#writing = undefined;
    }
  }

  /**
   * Waits for a write, and compares the CRC-32 of its bytes with the one they had when they were
   * hashed: bytes that were changed in between are stored as no hash describes them.
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

  /**
   * Resolves once all that was appended is written; rejects where that failed. Undefined where
   * nothing is being written, and nothing failed.
   */
  settled(): Promise<void> | undefined {
    if (this.#writing !== undefined || this.#broken !== undefined) return this.#settled();
  }

  /** As `settled()`, but bytes of before are known to be right then, too. */
  complete(): Promise<void> | undefined {
    return this.#check === undefined ? this.settled() : this.#settled().then(() => this.checked());
  }

  async #settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#broken !== undefined) throw this.#broken;
  }

  #count(bytes: Uint8Array): void {
    // Hashed in one call where nothing can follow: more than was announced is never appended.
    if (this.#check !== undefined) this.#check.add(bytes);
    else if (this.#offset === 0 && bytes.length === this.record.sizeBytes) {
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
  async rewind(mark: PartMark): Promise<void> {
    const rewinding = this.#rewinding = this.#rewind(mark);
    await rewinding; // where it fails, the upload has no more checkpoints
    this.#rewinding = undefined;
  }

  async #rewind({ offset, hash, whole }: PartMark): Promise<void> {
    await this.#checkpointing?.catch(() => {}); // its caller got the error
    await this.settled();
    this.#safeOffset = await this.content.rewind(offset);
    this.#offset = offset;
    this.#arrival = undefined; // it ends again
    this.#hash = hash.copy();
    this.#whole = whole;
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
    if (this.#rewinding !== undefined) await this.#rewinding;
    if (this.#check !== undefined) await this.checked();
    const prefix = { offset: this.#offset, hash: this.digest() };
    await this.settled();
    await this.content.checkpoint(prefix);
    this.#safeOffset = prefix.offset;
    return prefix.offset;
  }
}

function ignore(): void {}
