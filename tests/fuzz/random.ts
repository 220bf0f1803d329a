/** Random bytes, names and values, and changes of them, that a seed repeats. */
import type { Random } from "../../soak/common/random.ts";

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
        const times = random.chance(0.05) ? 2000 : random.below(20);
        result.splice(at, 0, ...Array.from({ length: times }, () => piece).flat());
        break;
      }
      case 4:
        if (random.chance(0.2)) result = result.slice(0, at);
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
  return random.chance(0.7) ? random.pick([...borders, 1e308, 8.64e15 + 1]) : random.below(1e6);
}

/** Any JSON value, nested up to so many levels. */
export function randomJson(random: Random, levels = 4): unknown {
  switch (random.below(levels > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
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
