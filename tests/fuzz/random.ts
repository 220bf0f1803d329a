/** Random choices that a seed repeats, and changes of bytes and texts. */

/** A pseudo-random sequence (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to just below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to just below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** True in so many of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Bytes that mean something to one of the protocols. */
const SPECIAL = [0, 1, 9, 10, 13, 0x20, 0x22, 0x2f, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xff];

/** Changes bytes at a few places: other bytes, cut out, put in, repeated, cut off. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let result = [...bytes];
  for (let count = random.below(4); count >= 0; count--) {
    const at = random.below(result.length + 1);
    const length = random.below(8) + 1;
    switch (random.below(6)) {
      case 0:
        if (at < result.length) result[at] = random.below(256);
        break;
      case 1:
        result.splice(at, 0, ...Array.from({ length }, () => random.pick(SPECIAL)));
        break;
      case 2:
        result.splice(at, length);
        break;
      case 3: {
        const piece = result.slice(at, at + length);
        const times = random.chance(5) ? 2000 : random.below(20);
        result.splice(at, 0, ...Array.from({ length: times }, () => piece).flat());
        break;
      }
      case 4:
        if (random.chance(20)) result = result.slice(0, at);
        break;
      case 5:
        if (at < result.length) result[at] = result[at]! ^ (1 << random.below(8));
        break;
    }
  }
  return Uint8Array.from(result);
}

/** Pieces that names and arguments are made of. */
const PIECES = [
  ..."ab01._-~%*?[]!'\"\\/|:;,&#+=@$ ",
  "..",
  "...",
  "../",
  "//",
  "\u00e4",
  "a\u0308",
  "\u212b",
  "\ufa19",
  "\u1eb9\u0302",
  "\u{1f600}",
  "\ufffd",
  "\ud800",
  "\u202e",
  "\u0000",
  "\r\n",
  "\u007f",
  "\u0085",
  "%2e%2e",
  "%00",
  "%~0123456789ab",
  "shared",
  "_v2",
  "_v9007199254740991",
  ".part",
  "CON",
  "x".repeat(255),
  "\u00e9".repeat(128),
];

/** A name or path, possible or not. */
export function randomName(random: Random): string {
  return Array.from({ length: random.below(6) + 1 }, () => random.pick(PIECES)).join("");
}

/** A number at a border of some kind, or any. */
export function randomNumber(random: Random): number {
  const borders = [0, 1, -1, 0.5, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53];
  return random.chance(70) ? random.pick([...borders, 1e308, 8.64e15 + 1]) : random.below(1e6);
}

/** Any JSON value, nested up to so many levels. */
export function randomJson(random: Random, levels = 4): unknown {
  switch (random.below(levels > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return random.chance(50);
    case 2:
      return randomNumber(random);
    case 3:
    case 4:
    case 5:
      return randomName(random);
    case 6:
      return Array.from({ length: random.below(5) }, () => randomJson(random, levels - 1));
    default:
      return Object.fromEntries(
        Array.from(
          { length: random.below(5) },
          () => [randomName(random), randomJson(random, levels - 1)],
        ),
      );
  }
}
