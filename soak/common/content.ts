/** Contents that are known by a seed and a size. */
import { createHash } from "node:crypto";
import type { Random } from "./random.ts";

/** Content of a file; the same seed and size are the same bytes. */
export interface Content {
  readonly seed: number;
  /** Bytes. */
  readonly size: number;
}

/** New content: mostly small, now and then of several MiB, sometimes empty. */
export function randomContent(random: Random): Content {
  const sizes = [0, 1000, 64 * 1024, 200_000, 1024 * 1024, 3_000_000, 9_000_000];
  const weights = [1, 8, 12, 12, 6, 4, 2];
  let at = random.below(weights.reduce((sum, weight) => sum + weight, 0));
  let index = 0;
  while (at >= weights[index]!) at -= weights[index++]!;
  const most = sizes[index]!;
  const least = sizes[index - 1] ?? 0;
  return { seed: random.below(2 ** 32), size: least + random.below(most - least + 1) };
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
