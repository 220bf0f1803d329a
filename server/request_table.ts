/**
 * Requests per minute of addresses and accounts, counted over all workers in shared memory: a token
 * bucket for each (the generic cell rate algorithm), in a table of fixed size.
 *
 * An entry is one 64-bit word, so that workers need no lock: a keyed hash of the name, and the time
 * at which its requests so far will have been paid for. Where a set of entries is full, the one that
 * is paid for first is dropped: a flood of names loosens their own limits and delays no other name.
 */
import { createHash, randomBytes } from "node:crypto";

const SETS = 4096;
const WAYS = 8;
/** Bits of an entry that are its time in µs; they repeat after 12 days. */
const TIME_BITS = 40n;
const TIME_RANGE = 2 ** 40;
const TIME_MASK = BigInt(TIME_RANGE - 1);
/** What may be used at once: the requests of a minute. */
const WINDOW_US = 60_000_000;
/** Other workers may change a set meanwhile; one that keeps changing is not waited for. */
const MAX_TRIES = 8;
/** Names whose place is remembered, to hash less. */
const MAX_REMEMBERED = 1000;

/** Where all workers count. */
export interface RequestMemory {
  readonly buffer: SharedArrayBuffer;
  /** Keys the hashes, so that a stranger cannot choose names that share a set. */
  readonly key: Uint8Array;
}

/** Makes the memory: 256 KiB, whatever happens. */
export function requestMemory(): RequestMemory {
  const bytes = SETS * WAYS * BigUint64Array.BYTES_PER_ELEMENT;
  return { buffer: new SharedArrayBuffer(bytes), key: new Uint8Array(randomBytes(16)) };
}

interface Spot {
  /** Index of the first entry of its set. */
  readonly base: number;
  readonly tag: bigint;
}

/** The table as one worker uses it. */
export class RequestTable {
  readonly #entries: BigUint64Array<SharedArrayBuffer>;
  readonly #key: Uint8Array;
  readonly #spots = new Map<string, Spot>();

  /** @param now wall-clock time in ms, the same for all workers */
  constructor(
    { buffer, key }: RequestMemory = requestMemory(),
    private readonly now: () => number = () => Date.now(),
  ) {
    this.#entries = new BigUint64Array(buffer);
    this.#key = key;
  }

  /**
   * Counts a request, unless so many of the name came in the last minute.
   *
   * @returns 0, or after how many ms the name may try again
   */
  take(name: string, perMinute: number): number {
    const { base, tag } = this.#spotOf(name);
    const nowUs = Math.round(this.now() * 1000) % TIME_RANGE;
    const costUs = WINDOW_US / perMinute;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { index, word, aheadUs } = this.#find(base, tag, nowUs);
      const usedUs = aheadUs + costUs;
      if (usedUs > WINDOW_US + 0.5) return Math.ceil((usedUs - WINDOW_US) / 1000);
      const until = BigInt((nowUs + Math.round(usedUs)) % TIME_RANGE);
      const next = tag << TIME_BITS | until;
      if (Atomics.compareExchange(this.#entries, index, word, next) === word) return 0;
    }
    return 0;
  }

  /** The entry of a tag; where it has none, the one of its set that is paid for first. */
  #find(base: number, tag: bigint, nowUs: number) {
    let [index, word, leastUs] = [base, 0n, Infinity];
    for (let at = base; at < base + WAYS; at++) {
      const found = Atomics.load(this.#entries, at);
      const aheadUs = found === 0n ? -1 : aheadOf(Number(found & TIME_MASK), nowUs);
      if (found >> TIME_BITS === tag) return { index: at, word: found, aheadUs };
      if (aheadUs < leastUs) [index, word, leastUs] = [at, found, aheadUs];
    }
    return { index, word, aheadUs: 0 };
  }

  #spotOf(name: string): Spot {
    let spot = this.#spots.get(name);
    if (spot === undefined) {
      const digest = createHash("sha256").update(this.#key).update(name).digest();
      const tag = BigInt(digest.readUIntLE(4, 3) || 1);
      spot = { base: digest.readUInt32LE(0) % SETS * WAYS, tag };
      if (this.#spots.size >= MAX_REMEMBERED) this.#spots.clear();
      this.#spots.set(name, spot);
    }
    return spot;
  }
}

/** By how much a time is after now; what no entry can be ahead by is from another age or clock. */
function aheadOf(untilUs: number, nowUs: number): number {
  const aheadUs = (untilUs - nowUs + TIME_RANGE) % TIME_RANGE;
  return aheadUs > WINDOW_US + 1 ? 0 : aheadUs;
}
