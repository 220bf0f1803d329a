/** Tables in memory that all workers share, in which names are found by keyed hashes. */
import { createHash, randomBytes } from "node:crypto";
import { BoundedMap } from "../../common/bounded_map.ts";

const KEY_BYTES = 16;
/** Names whose place is cached: a login would otherwise take two hashes, longer than all the rest. */
const MAX_CACHED = 1024;

/** A table that can be posted to each worker. */
export interface SharedTable {
  readonly buffer: SharedArrayBuffer;
  /** Key of the hashes, so that a stranger cannot choose names that share a place. */
  readonly key: Uint8Array;
}

/** Makes a table, empty, with a key of its own. */
export function sharedTable(bytes: number): SharedTable {
  return { buffer: new SharedArrayBuffer(bytes), key: new Uint8Array(randomBytes(KEY_BYTES)) };
}

/** Where names are in a table, by their SHA-256 under the table's key; the latest ones are cached. */
export class NamePlaces<Place> {
  readonly #cached = new BoundedMap<string, Place>({ max: MAX_CACHED });

  /** @param placeOf the place that a digest of 32 bytes leads to */
  constructor(
    private readonly key: Uint8Array,
    private readonly placeOf: (digest: DataView) => Place,
  ) {}

  /** The place of a name. */
  of(name: string): Place {
    let place = this.#cached.get(name);
    if (place === undefined) {
      const digest = createHash("sha256").update(this.key).update(name).digest();
      place = this.placeOf(new DataView(digest.buffer, digest.byteOffset, digest.byteLength));
      this.#cached.set(name, place);
    }
    return place;
  }
}
