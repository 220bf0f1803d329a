/** Publishing uploads in batches: small ones share an object, and those of one owner a transaction. */
import { crc32 } from "node:zlib";
import type { LockRecord } from "../../contract/books/lock_book.ts";
import { yieldTurn } from "../../common/slices.ts";
import { PACK_PREFIX } from "../content/pack_cache.ts";
import type { Piece } from "../content/piece.ts";
import { type ClusterPart, noteGarbage } from "../parts/cluster_part.ts";
import type { ClusterPlaces } from "../parts/places.ts";
import { noteEnded } from "../upkeep/merge.ts";

/** Content of at most this many bytes shares an object with others. */
const PACKED_BYTES = 256 * 1024;
/** Maximum bytes of an object that small content shares. */
const PACK_BYTES = 8 * 1024 * 1024;
/** Maximum number of uploads in a batch. */
const MAX_BATCH = 256;
/** Batches that may be on their way at once. */
const MAX_RUNNING = 4;

/** An upload as the database's function takes it, but for its pieces. */
export interface PublishItem {
  readonly id: string;
  /** SHA-256 of the content in hex. */
  readonly hash: string;
  readonly storedMs: number | null;
  readonly [member: string]: unknown;
}

/** Answer of the database's function to one upload. */
export interface PublishAnswer {
  readonly error?: string;
  /** The lock that keeps it out. */
  readonly locked?: LockRecord;
  readonly version?: number;
  readonly changed?: boolean;
  /** It seems to be late, which a reading of the clock is to confirm. */
  readonly unsure?: boolean;
  readonly name: string;
  readonly size: number;
  readonly hash: string;
  readonly mtimeMs: number;
  readonly storedMs: number;
  readonly damaged: boolean;
  readonly repeated?: boolean;
}

/** An upload that waits for its turn. */
interface Waiting {
  readonly owner: string;
  readonly part: ClusterPart;
  readonly item: PublishItem;
  /** Content that is to be packed. */
  readonly bytes: Uint8Array[] | undefined;
  readonly size: number;
  readonly resolve: (answer: PublishAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Publishes uploads: what arrives while a batch is on its way is the next one. */
export class Publisher {
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(private readonly places: ClusterPlaces) {}

  /**
   * Publishes an upload.
   *
   * @throws {StoreError} of the database or the object store
   */
  async publish(part: ClusterPart, item: PublishItem, size: number): Promise<PublishAnswer> {
    const answer = await this.#enqueue(part, item, size);
    if (!answer.unsure) return answer;
    // A late upload counts as replaced already, so no wrong clock may make it late.
    const arrival = await this.places.lease.corrected(item["arrival"] as number);
    return await this.#enqueue(part, { ...item, arrival, sure: true }, size);
  }

  async #enqueue(part: ClusterPart, item: PublishItem, size: number): Promise<PublishAnswer> {
    const bytes = part.sealed.lend(PACKED_BYTES);
    if (bytes === undefined) await part.ready(size, item.hash);
    return await new Promise((resolve, reject) => {
      const { owner } = part.record;
      this.#waiting.push({ owner, part, item, bytes, size, resolve, reject });
      if (this.#running < MAX_RUNNING) this.#start();
    });
  }

  /** Resolves once nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#running > 0 || this.#waiting.length > 0) await yieldTurn();
  }

  async #start(): Promise<void> {
    this.#running++;
    await yieldTurn(); // what ends in this turn comes along
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        await this.#pack(batch);
        const owners = Map.groupBy(batch, ({ owner }) => owner);
        await Promise.all(Array.from(owners, ([owner, some]) => this.#publish(owner, some)));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running--;
  }

  #nextBatch(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { size, bytes: packed } of this.#waiting) {
      bytes += packed === undefined ? 0 : size;
      if (count === MAX_BATCH || (count > 0 && bytes > PACK_BYTES)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Stores small content in one object. Where that fails, it stays with its uploads. */
  async #pack(batch: readonly Waiting[]): Promise<void> {
    const lent = batch.filter(({ bytes }) => bytes !== undefined);
    const object = `${PACK_PREFIX}${crypto.randomUUID().replaceAll("-", "")}`;
    const parts: Uint8Array[] = [];
    const pieces = new Map<Waiting, Piece>();
    let from = 0;
    for (const one of lent) {
      const { bytes, size } = one;
      if (size === 0) continue;
      const crc = bytes!.reduce((sum, some) => crc32(some, sum), 0);
      pieces.set(one, { start: 0, size, object, from, crc });
      parts.push(...bytes!);
      from += size;
    }
    try {
      if (from > 0) await this.places.store.put(object, parts, { ifAbsent: true });
      for (const one of lent) one.part.sealed.returned(pieces.get(one));
    } catch (error) {
      for (const { part } of lent) part.sealed.returned();
      await noteGarbage(this.places.database, [object]).catch(() => {}); // the first error is reported
      throw error;
    }
  }

  async #publish(owner: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const items = await Promise.all(batch.map(async ({ part, item, size }) => {
        const { noted, pieces } = await part.ready(size);
        const crc = item["crc"] ?? (pieces.length === 1 && noted === 0 ? pieces[0]!.crc : null);
        return { ...item, crc, from: noted, pieces };
      }));
      await this.places.step?.("publish: content is stored");
      const [row] = await this.places.database.repeat((sql, again) => {
        const asked = again ? items.map((item) => ({ ...item, again })) : items;
        return sql`SELECT publish_free(${owner}, ${sql.json(asked as never)}) AS answers`;
      });
      const answers = row!["answers"] as PublishAnswer[];
      await this.#noteStored(items);
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
      const published = batch.filter((_, index) => answers[index]!.error === undefined);
      // Where this fails, the weekly look through the store finds the same.
      await Promise.all(
        published.map(({ part: { record, sealed } }) =>
          noteEnded(this.places, record, sealed.pieces)
        ),
      ).catch(() => {});
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Notes when content was stored that another engine had before. */
  async #noteStored(items: readonly PublishItem[]): Promise<void> {
    const times = items.filter(({ storedMs }) => storedMs !== null)
      .map(({ id, storedMs }) => ({ id, storedMs }));
    if (times.length === 0) return;
    await this.places.database.repeat((sql) =>
      sql`UPDATE nodes n SET stored_ms = t."storedMs"
        FROM jsonb_to_recordset(${sql.json(times as never)}) AS t(id uuid, "storedMs" bigint)
        WHERE n.content = t.id`
    );
  }
}
