/** Contents that are known by a seed and a size, and random numbers that a seed repeats. */
import { createHash } from "node:crypto";

/** Content of a file; the same seed and size are the same bytes. */
export interface Content {
  readonly seed: number;
  /** Bytes. */
  readonly size: number;
}

/** A sequence of random numbers that depends on its seed alone (mulberry32). */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next number, from 0 up to but not 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from 0 up to but not `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** One of several. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** New content: mostly small, now and then of several MiB, sometimes empty. */
  content(): Content {
    const sizes = [0, 1000, 64 * 1024, 200_000, 1024 * 1024, 3_000_000, 9_000_000];
    const weights = [1, 8, 12, 12, 6, 4, 2];
    let at = this.below(weights.reduce((sum, weight) => sum + weight, 0));
    let index = 0;
    while (at >= weights[index]!) at -= weights[index++]!;
    const most = sizes[index]!;
    const least = sizes[index - 1] ?? 0;
    return { seed: this.below(2 ** 32), size: least + this.below(most - least + 1) };
  }
}

/** The bytes of a content. */
export function bytesOf({ seed, size }: Content): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let x = (seed ^ 0x9e3779b9) >>> 0 || 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** SHA-256 in hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Where two contents differ first; undefined where they are the same. */
export function firstDifference(expected: Uint8Array, actual: Uint8Array): number | undefined {
  const common = Math.min(expected.length, actual.length);
  for (let i = 0; i < common; i++) if (expected[i] !== actual[i]) return i;
  return expected.length === actual.length ? undefined : common;
}
