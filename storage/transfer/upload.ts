import type { Lease } from "../../buffers/pool.ts";
import type { Access, Place } from "../access/access.ts";
import type { Committed } from "../contract/tree.ts";
import { assertAsAnnounced } from "../common/announced.ts";
import { actorOf, type AuditResult, resultOf } from "../monitor/audit.ts";
import type { SpaceLease } from "../core/free_space.ts";
import { StoreError } from "../contract/error.ts";
import { assertTakes } from "../core/max_upload.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { Part } from "./part.ts";
import { childOf, nameOf, parentOf } from "../contract/path.ts";
import { HoldUp } from "./hold_up.ts";
import type { ActiveUpload } from "../monitor/presence.ts";
import type { Principal } from "../contract/principal.ts";
import { publish } from "./publish.ts";
import { reserveFor } from "./reserve.ts";
import type { TransferInfo } from "../monitor/sessions.ts";
import { Tally } from "../monitor/tally.ts";
import { checkEnd } from "./target.ts";
import { explained, leavesNothing, overQuota } from "./upload_errors.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { assertUnlocked } from "../common/locked.ts";
import { takenOver } from "../contract/taken_over.ts";

/** A pipelined upload of up to this many bytes leaves no record before it ends. */
export const LAZY_BYTES = 1024 * 1024;

/**
 * An upload that receives data; it enforces size, quota, permissions and checkpoints. It has one
 * writer. A takeover (by a resume, an administrator) suspends it and calls the writer's `onTaken`.
 */
export class Upload implements ActiveUpload {
  /** Called once, when the upload is taken from its writer, with the reason and the safe bytes. */
  onTaken: ((why: StoreError) => void) | undefined;
  /** Whether anything is kept of it for a resume. */
  keeps = true;
  /** Whether missing directories above its name are made, if they are missing at its end too. */
  makesParents = false;
  /** Whether the last byte of the announced size is its end, also without a checksum. */
  endsAtSize = false;

  #state: "open" | "finishing" | "ended" = "open";
  /** Why it is being ended. */
  #why: AuditResult | undefined;
  readonly #tally: Tally;
  /** Those that are written while bytes arrive. */
  readonly checkpoints: Checkpoints;
  /** Delays of its client by the server. */
  readonly delays: HoldUp;
  /** Space that it holds on the disk. */
  readonly space: SpaceLease;
  #recording: Promise<void> | undefined;
  /** The end that is under way: finish, suspend or discard. */
  #ending: Promise<unknown> | undefined;

  constructor(
    readonly core: VaultCore,
    readonly access: Access,
    readonly place: Place,
    readonly part: Part,
    /** Whether the name was seen to exist; undefined: not checked. */
    readonly occupied: boolean | undefined,
  ) {
    this.#tally = new Tally("upload", place.shown);
    this.space = core.space.lease();
    this.checkpoints = new Checkpoints(part, () => this.record());
    part.onDamage = (why) => why instanceof StoreError && void this.takeOver(why);
    this.delays = new HoldUp(part);
  }

  get id(): string {
    return this.part.record.id;
  }
  get owner(): string {
    return this.place.owner;
  }
  get principal(): Principal {
    return this.access.principal;
  }
  get transfer(): TransferInfo {
    return this.#tally.info(this.offset, this.size ?? null);
  }
  /** Bytes received. */
  get offset(): number {
    return this.part.offset;
  }
  /** Bytes announced, or undefined where the size is not known. */
  get size(): number | undefined {
    return this.part.record.sizeBytes ?? undefined;
  }
  /** The final path as the uploader sees it. */
  shownPath(committed: Committed): string {
    if (committed.path === this.place.path) return this.place.shown;
    return childOf(parentOf(this.place.shown), nameOf(committed.path));
  }
  /** Whether it still takes data. */
  get open(): boolean {
    return this.#state === "open";
  }
  /** Whether size and checksum were announced, so that the last byte ends the upload. */
  get endsByItself(): boolean {
    return this.part.record.sizeBytes !== null && this.part.record.hash !== null;
  }

  /**
   * Takes the next bytes. Once it resolves the caller may change them, unless it gave a lease.
   * @param following bytes announced to come right behind these: too many are refused at once
   * @param lease held until the bytes are on disk; more are taken meanwhile
   * @throws {StoreError} `bad-request` for more bytes than announced (the upload is dropped);
   * `quota`, `no-space`, `denied`, `io` (the upload is kept for a resume); `aborted` once it was
   * taken over
   */
  async write(bytes: Uint8Array, following = 0, lease?: Lease): Promise<void> {
    if (this.#state !== "open") throw takenOver(this.id);
    const { part } = this;
    const after = part.offset + bytes.length;
    const { sizeBytes } = part.record;
    if ((this.endsAtSize || this.endsByItself) && after === sizeBytes) this.#arrive();
    this.delays.begin();
    try {
      this.checkpoints.assertSafe();
      if (sizeBytes !== null && after + following > sizeBytes) {
        throw new StoreError("bad-request", `More bytes came than the ${sizeBytes} announced`);
      }
      assertTakes(this.core, after);
      const allowed = this.access.stillAllowed(this.place, "w");
      if (allowed !== undefined) await allowed;
      const { content } = part;
      if (!content.recorded && after > LAZY_BYTES) await this.record();
      if (content.recorded && after > part.record.reservedBytes) {
        await reserveFor(this.core, part.record, after, part.offset);
      }
      const taken = this.space.take(bytes.length);
      if (taken !== undefined) await taken;
      const room = part.room();
      if (room !== undefined) await this.checkpoints.reportingDuring(room);
      if (!this.open) throw takenOver(this.id); // while it was waited for one of these
      this.#tally.bytes += bytes.length;
      const appending = part.append(bytes, lease);
      if (appending !== undefined) await appending;
    } catch (error) {
      this.#why ??= resultOf(error);
      if (this.open) {
        if (error instanceof StoreError && error.kind === "bad-request") await this.discard();
        else await this.suspend().catch(() => {}); // the first error is reported
      }
      throw error;
    }
    const unsafe = this.checkpoints.take();
    if (unsafe !== undefined) await unsafe;
    this.delays.end();
  }

  /** Leaves a record, to be resumed by. @param goesOn whether more is sent, for which no lock may be */
  async record(goesOn = true): Promise<void> {
    if (this.part.content.recorded) return;
    if (goesOn) await assertUnlocked(this.core.catalog, this.place);
    await (this.#recording ??= this.#record().finally(() => this.#recording = undefined));
  }

  async #record(): Promise<void> {
    const { record, content } = this.part;
    record.reservedBytes = Math.max(record.sizeBytes ?? 0, this.offset);
    if (!await content.keep()) {
      throw await overQuota(this.core, record, record.reservedBytes, 0, { offset: this.offset });
    }
  }

  /**
   * Ends the upload: verified, made durable, given its final name.
   *
   * @throws {StoreError} `checksum` where size or checksum are not the announced ones (the upload
   * is dropped); else see {@linkcode Tree.publish}
   */
  finish(announced: { hash?: string; sizeBytes?: number } = {}): Promise<Committed> {
    if (this.#state !== "open") return Promise.reject(takenOver(this.id));
    this.#state = "finishing";
    this.#arrive();
    // In the order in which they came: of two that overwrite one name, the later one stays.
    const name = `${this.place.owner}:${this.place.path}`;
    const end = () => this.part.follow(() => this.#finish(announced));
    return this.#ends(this.core.exclusive(name, end));
  }

  async #finish(announced: { hash?: string; sizeBytes?: number }): Promise<Committed> {
    const { part } = this;
    const { record, content } = part;
    const running = this.checkpoints.end();
    if (running !== undefined) await running;
    try {
      const completing = part.complete();
      if (completing !== undefined) await completing;
      const actual = part.digest();
      assertAsAnnounced(
        { size: this.offset, hash: actual },
        [record.sizeBytes, announced.sizeBytes],
        [record.hash, announced.hash],
      );
      const allowed = checkEnd(this.access, this.place, record.ifExists);
      if (allowed !== undefined) await allowed;
      if (content.recorded) await reserveFor(this.core, record, this.offset, this.offset);
      const committed = await publish(this, actual);
      this.#end("ok", this.shownPath(committed));
      return committed;
    } catch (error) {
      this.#why ??= resultOf(error);
      this.#state = "open";
      // An upload without a record was one small pipelined file: sending it again costs no more.
      if (!content.recorded || leavesNothing(error)) await this.discard();
      else await this.suspend().catch(() => {});
      throw await explained(this.core, this.place, part, error);
    }
  }

  #arrive(): void {
    this.delays.arrive();
    this.access.changes.note(this.part.arrival!);
  }

  /** Keeps what was received for a resume; nothing happens where the upload has ended. */
  async suspend(): Promise<void> {
    if (this.#state !== "open") return;
    if (!this.keeps) return await this.discard();
    this.#state = "ended";
    await this.#ends(this.#suspend());
  }

  async #suspend(): Promise<void> {
    await this.part.stopCheck();
    try {
      await this.checkpoints.end();
      await this.record(false);
      if (this.offset > this.part.safeOffset) await this.part.checkpoint();
    } finally {
      await this.#settle();
      // An upload that has no record can never be resumed: nothing of it is kept.
      await this.part.content.release(this.offset);
      this.#end(this.#why ?? "suspended");
    }
  }

  async #settle(): Promise<void> {
    await this.part.settled()?.catch(() => {}); // the writer got the error
  }

  /** Drops what was received. */
  async discard(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "ended";
    await this.#ends(this.#discard());
  }

  async #discard(): Promise<void> {
    await this.part.stopCheck(0);
    await this.checkpoints.end();
    await this.#settle();
    await this.part.content.discard();
    this.#end(this.#why ?? "discarded");
  }

  /**
   * Takes the upload from its writer; resolves once the writer can write no more. A running commit
   * finishes first: two must not write to one part. Never rejects: the writer gets the error about
   * bytes that could not be made safe.
   */
  async takeOver(why: StoreError): Promise<void> {
    if (this.#state !== "open") return void await Promise.allSettled([this.#ending]);
    this.#why ??= why.kind;
    const notify = this.onTaken;
    const offset = await this.suspend().then(() => this.offset, () => this.part.safeOffset);
    const details = { uploadId: this.id, offset, ...why.details };
    notify?.(new StoreError(why.kind, why.message, details));
  }

  async recheck(): Promise<void> {
    try {
      await this.access.stillAllowed(this.place, "w");
    } catch (error) {
      if (error instanceof StoreError) await this.takeOver(error);
    }
  }

  #ends<T>(end: Promise<T>): Promise<T> {
    this.#ending = end;
    return end;
  }

  #end(result: AuditResult, stored?: string): void {
    this.#state = "ended";
    this.space.end();
    this.core.presence.uploads.delete(this.id);
    this.core.audit.write(actorOf(this.principal), this.#tally.event(result, stored));
  }
}
