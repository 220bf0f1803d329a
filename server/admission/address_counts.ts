/**
 * Connections of each address and of each account, counted over all workers in shared memory. Every
 * worker has an area of its own, so that the counts of one that ended can be cleared.
 *
 * A name has one counter in each of four rows, found by four hashes; its count is the smallest one.
 * So a count is never too small, and it is too large only where other names that are counted meet
 * it in all rows: with 1,000 connections for one name in 6,000.
 */
import { NamePlaces, type SharedTable, sharedTable } from "./shared_table.ts";

const ROWS = 4;
const SLOTS = 8192;
/** Tries for a place that other workers take and give back meanwhile. */
const MAX_TRIES = 64;

/** Allocates the memory for `workers` workers. */
export function addressMemory(workers: number): SharedTable {
  return sharedTable(workers * ROWS * SLOTS * Int32Array.BYTES_PER_ELEMENT);
}

/** The counts as one worker uses them. */
export class AddressCounts {
  readonly #counts: Int32Array;
  readonly #base: number;
  /** One slot in each row. */
  readonly #slots: NamePlaces<readonly number[]>;

  /** Begins at zero for this worker. */
  constructor({ buffer, key }: SharedTable, worker: number) {
    this.#counts = new Int32Array(buffer);
    this.#slots = new NamePlaces<readonly number[]>(key, (digest) =>
      Array.from(
        { length: ROWS },
        (_, row) => row * SLOTS + digest.getUint32(row * 4, true) % SLOTS,
      ));
    this.#base = worker * ROWS * SLOTS;
    for (let at = 0; at < ROWS * SLOTS; at++) Atomics.store(this.#counts, this.#base + at, 0);
  }

  /**
   * Counts a connection unless its name has `max` already.
   *
   * @param name of the address or account
   * @param max `Infinity`: always counted, so that a limit set later has the right count
   * @returns function that ends the count, once; undefined at the maximum
   */
  take(name: string, max: number): (() => void) | undefined {
    const slots = this.#slots.of(name);
    const add = (change: number) => {
      for (const slot of slots) Atomics.add(this.#counts, this.#base + slot, change);
    };
    const count = () => Math.min(...slots.map((slot) => this.#sum(slot)));
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // Counted first and given back: two workers at the last place must not both take it.
      add(1);
      if (max === Infinity || count() <= max) {
        let held = true;
        return () => {
          if (held) add(-1);
          held = false;
        };
      }
      add(-1);
      // Nor may both be refused it: there was a place but for another that was refused meanwhile.
      if (count() >= max) return undefined;
    }
    return undefined;
  }

  #sum(slot: number): number {
    let sum = 0;
    for (let at = slot; at < this.#counts.length; at += ROWS * SLOTS) {
      sum += Atomics.load(this.#counts, at);
    }
    return sum;
  }
}
