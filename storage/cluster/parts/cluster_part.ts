import { Pace } from "../../common/slices.ts";
import { clock } from "../../contract/clock.ts";
import type { PartContent, SafePrefix } from "../../contract/parts.ts";
import { takenOver } from "../../contract/taken_over.ts";
import type { Announcement, UploadRecord } from "../../contract/upload_record.ts";
import { objectsOf, type Piece, slicePieces } from "../content/piece.ts";
import type { Database } from "../postgres/database.ts";
import type { ClusterPlaces } from "./places.ts";
import { SealedContent } from "./sealed.ts";

/** Content of an upload that is ready to be published. */
export interface ReadyContent {
  /** Bytes that the database has noted already, in the same pieces. */
  readonly noted: number;
  /** Pieces behind these. */
  readonly pieces: readonly Piece[];
}

/** An unfinished upload: bytes in memory that become immutable objects, and rows that name these. */
export class ClusterPart implements PartContent {
  /** A checkpoint is an object of its own. */
  readonly leastCheckpointBytes = 256 * 1024;
  /** One object is sent while the next ones are filled, and the answer of another is waited for. */
  readonly parallelCheckpoints = 3;
  readonly maxUnsafeBytes = 64 * 1024 * 1024;
  readonly #content: SealedContent;
  readonly #pace = new Pace();
  #recorded: boolean;
  #isLeft = false;
  /** Bytes whose pieces are in the database. */
  #noted: number;
  /** Settles with the last checkpoint that was begun. */
  #lastCheckpoint: Promise<unknown> = Promise.resolve();

  /** @param resumed pieces that are stored already, and how many bytes of them are noted as safe */
  constructor(
    private readonly places: ClusterPlaces,
    readonly record: UploadRecord,
    resumed?: { readonly pieces: readonly Piece[]; readonly noted: number },
  ) {
    const prefix = `content/${record.id}/${record.writer}`;
    this.#content = new SealedContent(places, prefix, resumed?.pieces);
    this.#recorded = resumed !== undefined;
    this.#noted = resumed?.noted ?? 0;
  }

  get recorded(): boolean {
    return this.#recorded;
  }

  /** The content as the publication needs it. */
  get sealed(): SealedContent {
    return this.#content;
  }

  async keep(): Promise<boolean> {
    if (this.#recorded) return true;
    const { database, lease } = this.places;
    await lease.held();
    const record = { ...this.record };
    const [row] = await database.repeat((sql) =>
      sql`SELECT upload_keep(${sql.json(record as never)}) AS answer`
    );
    const { kept } = row!["answer"] as { kept: boolean };
    return this.#recorded = kept;
  }

  /** Copies bytes. Reading what has arrived already would let nothing else run, not even the store. */
  async append(bytes: Uint8Array): Promise<undefined> {
    await this.#content.append(bytes);
    await this.#pace.turn();
  }

  /** Its objects are stored at once, and noted behind those of the checkpoint before. */
  checkpoint(prefix: SafePrefix): Promise<void> {
    const stored = this.#content.seal(prefix.offset, prefix.hash);
    stored.catch(() => {}); // it is awaited in its turn
    const noted = this.#lastCheckpoint.then(() => this.#note(prefix, stored));
    this.#lastCheckpoint = noted.catch(() => {});
    return noted;
  }

  async #note({ offset, hash }: SafePrefix, stored: Promise<readonly Piece[]>): Promise<void> {
    const { database, lease, step } = this.places;
    await lease.held();
    const pieces = slicePieces(await stored, this.#noted, offset);
    const last = pieces.pop();
    if (last !== undefined) pieces.push({ ...last, hash });
    await step?.("checkpoint: content is stored");
    const { record } = this;
    const updatedMs = Math.max(record.updatedMs, clock.now());
    const [row] = await database.repeat((sql) =>
      sql`SELECT upload_checkpoint_sound(${record.id}, ${record.writer}, ${this.#noted},
        ${sql.json(pieces as never)}, ${offset}, ${hash}, ${updatedMs}) AS mine`
    );
    if (!row!["mine"]) throw takenOver(record.id);
    this.#noted = offset;
    Object.assign(record, { offsetBytes: offset, offsetHash: hash, updatedMs });
    await step?.("checkpoint: noted");
  }

  /** Stores all of the content. @param hash its SHA-256, where that is known */
  async ready(sizeBytes: number, hash?: string): Promise<ReadyContent> {
    await this.places.lease.held();
    const sealed = await this.#content.seal(sizeBytes, hash);
    const pieces = slicePieces(sealed, this.#noted, sizeBytes);
    return { noted: this.#noted, pieces };
  }

  async rewind(offset: number): Promise<number> {
    await this.#content.settled();
    const before = this.#content.pieces;
    await this.#content.cut(offset);
    if (this.#noted > offset) {
      const { record } = this;
      const [row] = await this.places.database.repeat((sql) =>
        sql`SELECT upload_cut(${record.id}, ${record.writer}, ${offset}) AS bytes`
      );
      if (row!["bytes"] === null) throw takenOver(record.id);
      this.#noted = row!["bytes"] as number;
    }
    await this.#discard(before);
    return this.#noted;
  }

  async announce(whole: Announcement): Promise<boolean> {
    const { id, writer } = this.record;
    const [row] = await this.places.database.repeat((sql) =>
      sql`SELECT upload_announce(${id}, ${writer}, ${sql.json({ ...whole })}) AS mine`
    );
    if (!row!["mine"]) return false;
    Object.assign(this.record, whole);
    return true;
  }

  async release(offset: number): Promise<void> {
    await this.#leave();
    if (!this.#recorded) return;
    const { id, writer } = this.record;
    await this.places.database.repeat((sql) =>
      sql`SELECT upload_release(${id}, ${writer}, ${offset})`
    );
  }

  async discard(): Promise<void> {
    await this.#leave();
    if (!this.#recorded) return;
    const { id, writer } = this.record;
    await this.places.database.repeat((sql) => sql`SELECT upload_drop(${id}, ${writer})`);
  }

  /** Whether its writer has released or discarded it. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Drops what is in memory, and objects that no row names. */
  async #leave(): Promise<void> {
    this.#isLeft = true;
    this.#content.drop();
    await this.#content.settled().catch(() => {}); // the writer got the error
    await this.#discard(this.#content.dropBehind(this.#noted));
  }

  /** Notes the objects of pieces that were dropped, but for those that others are in. */
  async #discard(dropped: readonly Piece[]): Promise<void> {
    const kept = new Set(objectsOf(this.#content.pieces));
    const objects = objectsOf(dropped).filter((object) => !kept.has(object));
    if (objects.length > 0) await noteGarbage(this.places.database, objects);
  }
}

/** Notes objects that no row names. */
export async function noteGarbage(database: Database, objects: readonly string[]): Promise<void> {
  await database.repeat((sql) =>
    sql`SELECT garbage_note(ARRAY(SELECT jsonb_array_elements_text(${sql.json(objects)})))`
  );
}
