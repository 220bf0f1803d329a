import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import fc from "fast-check";
import { decodeJson } from "../../protocol/json.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const refused = (bytes: Uint8Array, message: RegExp) =>
  assertErrorLike(assertThrows(() => decodeJson(bytes)), { name: "SyntaxError", message });

Deno.test("decodeJson() takes any object that JSON can say", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
    const text = JSON.stringify(value);
    assertEquals(JSON.stringify(decodeJson(encode(text))), text);
  }));
  assertEquals(decodeJson(encode(" \n{} ")), {});
});

Deno.test("decodeJson() refuses a byte order mark, and names it", () => {
  refused(encode("\ufeff{}"), /byte order mark/);
  refused(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0), /UTF-8/);
});

Deno.test("decodeJson() refuses bytes that are not UTF-8", () => {
  const quoted = (...bytes: number[]) =>
    Uint8Array.of(0x7b, 0x22, ...bytes, 0x22, 0x3a, 0x31, 0x7d);
  for (
    const bytes of [
      [0x80], // a continuation byte alone
      [0xc3], // cut off
      [0xc0, 0xaf], // "/" in two bytes
      [0xe0, 0x80, 0xaf],
      [0xed, 0xa0, 0x80], // a surrogate
      [0xf4, 0x90, 0x80, 0x80], // beyond U+10FFFF
      [0xff],
    ]
  ) refused(quoted(...bytes), /UTF-8/);
  assertEquals(decodeJson(quoted(0xf0, 0x9f, 0x98, 0x80)), { "😀": 1 });
});

Deno.test("decodeJson() refuses values other than objects", () => {
  for (const text of ["null", "true", "1", `"text"`, "[]", `[{"command":"NOOP"}]`]) {
    refused(encode(text), /not an object/);
  }
});

Deno.test("decodeJson() refuses text that is not JSON, without repeating it", () => {
  for (
    const text of ["", " ", "{", "{}}", "{}{}", "{'a':1}", "{a:1}", '{"a":1,}', '{"a":NaN}', "\0"]
  ) {
    assertErrorLike(assertThrows(() => decodeJson(encode(text))), {
      name: "SyntaxError",
      message: "The frame is not JSON",
    });
  }
});

Deno.test("decodeJson() survives nesting 100,000 deep", () => {
  for (const [open, close] of [["[", "]"], ['{"a":', "}"]] as const) {
    const depth = 100_000;
    const nested = `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
    for (const text of [nested, nested.slice(0, depth)]) {
      try {
        assertEquals(Object.keys(decodeJson(encode(text))), ["a"]);
      } catch (error) {
        assert(error instanceof SyntaxError, String(error));
      }
    }
  }
});

Deno.test("decodeJson() gives members of odd names and changes no prototype", () => {
  const value = decodeJson(encode('{"__proto__":{"admin":true},"constructor":1,"toString":2}'));
  assertEquals(Object.keys(value), ["__proto__", "constructor", "toString"]);
  assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
  assertEquals(value.admin, undefined);
  assertEquals(({} as Record<string, unknown>).admin, undefined);
});

Deno.test("any bytes are an object or a SyntaxError", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      assertEquals(typeof decodeJson(bytes), "object");
    } catch (error) {
      assert(error instanceof SyntaxError);
    }
  }));
});
