/**
 * Token buckets (the generic cell rate algorithm) of many names in memory that all workers share,
 * in a table of fixed size.
 *
 * An entry is one 64-bit word, so that workers need no lock: a keyed hash of the name, and the time
 * at which its bucket is full again. In a full set the entry with the earliest time is dropped: a
 * flood of names loosens only the limits of its own names and delays no other name.
 */
import { NamePlaces, type SharedTable, sharedTable } from "./shared_table.ts";

const SETS = 4096;
const WAYS = 8;
/** Bits of an entry that are its time in µs; they repeat after 12 days. */
const TIME_BITS = 40n;
const TIME_RANGE = 2 ** 40;
const TIME_MASK = BigInt(TIME_RANGE - 1);
/** Other workers may change a set meanwhile; one that keeps changing is not waited for. */
const MAX_TRIES = 32;

/** Allocates the memory of a table: always 256 KiB. */
export function bucketMemory(): SharedTable {
  return sharedTable(SETS * WAYS * BigUint64Array.BYTES_PER_ELEMENT);
}

interface Spot {
  /** Index of the first entry of its set. */
  readonly base: number;
  readonly tag: bigint;
}

/** The table as one worker uses it. */
export class BucketTable {
  readonly #entries: BigUint64Array<SharedArrayBuffer>;
  readonly #spots: NamePlaces<Spot>;

  /**
   * @param maxAheadUs maximum by which a bucket can be ahead; a larger value is stale, or from a
   * clock that was set back
   * @param now wall-clock time in ms, the same for all workers
   */
  constructor(
    { buffer, key }: SharedTable,
    private readonly maxAheadUs: number,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.#entries = new BigUint64Array(buffer);
    this.#spots = new NamePlaces(key, (digest) => ({
      base: digest.getUint32(0, true) % SETS * WAYS,
      tag: BigInt(digest.getUint32(4, true) & 0xff_ffff || 1),
    }));
  }

  /**
   * Changes the bucket of a name.
   *
   * @param change gets by how many µs the bucket is ahead of now, negative if it was not used
   * recently; returns the new value, undefined: unchanged
   */
  update(name: string, change: (aheadUs: number) => number | undefined): void {
    const { base, tag } = this.#spots.of(name);
    const nowUs = Math.round(this.now() * 1000) % TIME_RANGE;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { index, word, aheadUs } = this.#find(base, tag, nowUs);
      const changed = change(aheadUs);
      if (changed === undefined) return;
      const until = BigInt((nowUs + Math.round(changed) + TIME_RANGE) % TIME_RANGE);
      const next = tag << TIME_BITS | until;
      if (Atomics.compareExchange(this.#entries, index, word, next) === word) return;
    }
  }

  /** The entry of a tag; where it has none, the one of its set that is paid for first. */
  #find(base: number, tag: bigint, nowUs: number) {
    let [index, word, leastUs] = [base, 0n, Infinity];
    for (let at = base; at < base + WAYS; at++) {
      const found = Atomics.load(this.#entries, at);
      const aheadUs = found === 0n ? -Infinity : this.#aheadOf(Number(found & TIME_MASK), nowUs);
      if (found >> TIME_BITS === tag) return { index: at, word: found, aheadUs };
      if (aheadUs < leastUs) [index, word, leastUs] = [at, found, aheadUs];
    }
    return { index, word, aheadUs: -TIME_RANGE };
  }

  /** By how much a time is after now. */
  #aheadOf(untilUs: number, nowUs: number): number {
    const aheadUs = (untilUs - nowUs + TIME_RANGE) % TIME_RANGE;
    return aheadUs > this.maxAheadUs ? aheadUs - TIME_RANGE : aheadUs;
  }
}
