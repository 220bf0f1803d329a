import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import fc from "fast-check";
import { byteLength } from "../../../storage/contract/path.ts";
import {
  parseVersionName,
  sameFamily,
  versionName,
} from "../../../storage/contract/version_name.ts";

const BIG = Number.MAX_SAFE_INTEGER;

const name = fc.oneof(
  fc.array(
    fc.constantFrom("a", "ä", "😀", ".", "_", "v", "_v", "1", "2", "02", " ", "tar", "_v2.", "\n"),
    { minLength: 1, maxLength: 10 },
  ).map((pieces) => pieces.join("")),
  fc.string({ unit: "grapheme", minLength: 1 }),
);

Deno.test("the second version's name is the protocol's", () => {
  for (
    const [first, second] of Object.entries({
      "report.txt": "report_v2.txt",
      "a.tar.gz": "a.tar_v2.gz",
      ".profile": ".profile_v2",
      "notes": "notes_v2",
      "ends.": "ends._v2",
      ".a.b": ".a_v2.b",
      "..a": "._v2.a",
      "a b.c d": "a b_v2.c d",
      "ä.😀": "ä_v2.😀",
      "x_v1.txt": "x_v1_v2.txt",
      "x_v02": "x_v02_v2",
      "_v3": "_v3_v2",
      "x_V2": "x_V2_v2",
      "x.txt_v2": "x_v2.txt_v2",
    })
  ) {
    const parsed = parseVersionName(first);
    assertEquals(parsed.version, 1, first);
    assertStrictEquals(versionName(parsed, 2), second);
    assertStrictEquals(versionName(parsed, 1), first);
  }
});

Deno.test("a name of a version continues the numbering of its family", () => {
  for (
    const [written, stem, version, extension] of [
      ["x_v2.txt", "x", 2, ".txt"],
      ["x_v2_v3.txt", "x_v2", 3, ".txt"],
      [".profile_v2", ".profile", 2, ""],
      ["x_v10", "x", 10, ""],
      [`x_v${BIG}.a`, "x", BIG, ".a"],
      ["ends._v2", "ends.", 2, ""],
      ["a.b._v3", "a.b.", 3, ""],
      ["ä\n_v2.b", "ä\n", 2, ".b"],
    ] as const
  ) assertEquals(parseVersionName(written), { stem, version, extension }, written);
});

Deno.test("numbers that are no version's are part of the name", () => {
  for (const written of ["x_v0", "x_v1", "x_v01", "x_v-2", "x_v2.0.a", "x_v2 ", "x_v", "x_v٢"]) {
    assertEquals(parseVersionName(written).version, 1, written);
  }
  for (const written of [`x_v${2n ** 53n}`, `x_v${"9".repeat(16)}`, `x_v1${"0".repeat(400)}`]) {
    assertEquals(parseVersionName(written), { stem: written, version: 1, extension: "" });
  }
});

Deno.test("taking a name apart and putting it together gives the name", () => {
  fc.assert(fc.property(name, (written) => {
    const parsed = parseVersionName(written);
    assert(parsed.stem.length > 0);
    assertStrictEquals(versionName(parsed, parsed.version), written);
  }));
});

Deno.test("every version of a name is of its family, and numbered as it says", () => {
  fc.assert(fc.property(name, fc.integer({ min: 2, max: BIG }), (written, version) => {
    const family = parseVersionName(written);
    const next = versionName(family, version);
    assertEquals(parseVersionName(next), { ...family, version });
    assert(sameFamily(parseVersionName(next), family));
    assertStrictEquals(versionName(parseVersionName(next), family.version), written);
  }));
});

Deno.test("families differ by stem and extension", () => {
  const family = parseVersionName("a.txt");
  assert(sameFamily(family, parseVersionName("a_v7.txt")));
  for (const other of ["A.txt", "a.TXT", "a", "a.txt_v2", "a_v2", "b.txt", "a_v1.txt"]) {
    assert(!sameFamily(family, parseVersionName(other)), other);
  }
});

Deno.test("there is no version after 2^53-1", () => {
  const { version, ...family } = parseVersionName(`x_v${BIG}.txt`);
  assertEquals(versionName(family, version), `x_v${BIG}.txt`);
  assertErrorLike(assertThrows(() => versionName(family, version + 1)), { kind: "bad-name" });
});

Deno.test("a version's name that is longer than 255 bytes is a bad name", () => {
  const fits = parseVersionName(`${"ä".repeat(124)}.txt`);
  assertEquals(byteLength(versionName(fits, 2)), 255);
  assertErrorLike(assertThrows(() => versionName(fits, 10)), { kind: "bad-name" });
  const plain = parseVersionName("x".repeat(255));
  assertEquals(versionName(plain, 1).length, 255);
  assertErrorLike(assertThrows(() => versionName(plain, 2)), { kind: "bad-name" });
  fc.assert(fc.property(fc.integer({ min: 240, max: 255 }), (length) => {
    const family = parseVersionName("x".repeat(length));
    try {
      assert(byteLength(versionName(family, 123)) <= 255);
      assert(length <= 250);
    } catch (error) {
      assertEquals((error as { kind: string }).kind, "bad-name");
      assert(length > 250);
    }
  }));
});
