import { assertEquals, assertStrictEquals } from "@std/assert";
import { parseDecimal, parseDecimalBound, parseSignedDecimal } from "../../common/decimal.ts";

Deno.test("a decimal integer is digits alone, up to 2^53-1", () => {
  const read: [string, number | undefined, number | undefined][] = [
    ["0", 0, 0],
    ["00000000000000000000000042", 42, 42],
    ["9007199254740991", 2 ** 53 - 1, 2 ** 53 - 1],
    ["9007199254740992", undefined, Infinity],
    ["9007199254740993", undefined, Infinity],
    ["18446744073709551615", undefined, Infinity],
    ["9".repeat(5000), undefined, Infinity],
  ];
  for (const [text, value, bound] of read) {
    assertEquals([parseDecimal(text), parseDecimalBound(text)], [value, bound], text);
    assertStrictEquals(parseSignedDecimal(text), value);
    if (value) assertEquals(parseSignedDecimal(`-${text}`), -value);
  }
  for (const text of ["", " 1", "1 ", "+1", "1.0", "1e3", "0x1", "١", "--1", "-", "NaN", "1\n"]) {
    assertEquals([parseDecimal(text), parseDecimalBound(text)], [undefined, undefined], text);
    assertEquals(parseSignedDecimal(text), undefined, text);
  }
  assertEquals(Object.is(parseSignedDecimal("-0"), 0), true);
});
