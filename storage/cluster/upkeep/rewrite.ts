/** Rewriting of packs that are mostly garbage: what is left of several goes into a new one. */
import { PACK_PREFIX } from "../content/pack_cache.ts";
import type { Piece } from "../content/piece.ts";
import type { ClusterPlaces } from "../parts/places.ts";
import { readPieces } from "./merge.ts";
import type { KnownObject } from "./scan.ts";

/** Maximum bytes of a new pack. */
const PACK_BYTES = 8 * 1024 * 1024;

/** A piece of a pack, and the content that it is of. */
interface PackedRow {
  readonly content: string;
  readonly start: number;
  readonly size: number;
  readonly object: string;
  readonly from: number;
  readonly crc: number | null;
}

/** Whether less than half of a pack is in use. */
export function isMostlyGarbage({ key, state, size, liveBytes }: KnownObject): boolean {
  return key.startsWith(PACK_PREFIX) && state === "live" && liveBytes < size / 2;
}

/** Collects packs that are to be rewritten, and rewrites as many together as fill a new one. */
export class PackRewriter {
  #packs: KnownObject[] = [];
  #liveBytes = 0;
  /** Packs that were rewritten. */
  count = 0;

  constructor(private readonly places: ClusterPlaces) {}

  async add(pack: KnownObject): Promise<void> {
    if (this.#liveBytes + pack.liveBytes > PACK_BYTES) await this.flush();
    this.#packs.push(pack);
    this.#liveBytes += pack.liveBytes;
  }

  /** Rewrites what was collected. */
  async flush(): Promise<void> {
    const keys = this.#packs.map(({ key }) => key);
    this.#packs = [];
    this.#liveBytes = 0;
    if (keys.length > 0 && await this.#rewrite(keys)) this.count += keys.length;
  }

  async #rewrite(keys: readonly string[]): Promise<boolean> {
    const { database, store, step } = this.places;
    const rows = await database.query((sql) =>
      sql`SELECT content, start, size, object, object_from AS "from", crc FROM segments
        WHERE object IN (SELECT jsonb_array_elements_text(${sql.json(keys)}))
        ORDER BY object, object_from`
    ) as unknown as PackedRow[];
    const parts: Uint8Array[] = [];
    const moved: { content: string; start: number; object: string; from: number; to: number }[] =
      [];
    let to = 0;
    for (const { content, start, size, object, from, crc } of rows) {
      const piece: Piece = { start: 0, size, object, from, crc: crc ?? undefined };
      const bytes = await readPieces(this.places, [piece]);
      if (bytes === undefined) continue; // damaged: it stays where it is
      parts.push(bytes);
      moved.push({ content, start, object, from, to });
      to += size;
    }
    if (moved.length === 0) return false;
    const pack = `${PACK_PREFIX}${crypto.randomUUID().replaceAll("-", "")}`;
    await store.put(pack, parts, { ifAbsent: true });
    await step?.("rewrite: content is stored");
    const [row] = await database.repeat((sql) =>
      sql`SELECT segments_move(${sql.json(moved as never)}, ${pack}) AS moved`
    );
    await step?.("rewrite: noted");
    return (row!["moved"] as number) > 0;
  }
}
