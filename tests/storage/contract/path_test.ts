import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { assertErrorLike } from "../../support/errors.ts";
import fc from "fast-check";
import {
  byteLength,
  childOf,
  compareCodePoints,
  isWithin,
  MAX_NAME_BYTES,
  MAX_PATH_BYTES,
  nameOf,
  parentOf,
  resolvePath,
} from "../../../storage/contract/path.ts";

const encoder = new TextEncoder();

/** Texts made of what paths are made of, and of what attacks are made of. */
const piece = fc.oneof(
  fc.constantFrom(
    ..."/ . .. ... // /./ /../ a b A ä a\u0308 é e\u0301 \u212b 😀 ﬁ ％2e".split(" "),
  ),
  fc.constantFrom(" ", "", "\\", "..\\", "%2e%2e", "~", "\uff0e\uff0e", "\u2024\u2024", "\u2215"),
  fc.string({ unit: "grapheme", maxLength: 5 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const anyText = fc.oneof(text, fc.string({ unit: "binary", maxLength: 20 }));

function resolved(current: string, path: string): string | undefined {
  try {
    return resolvePath(current, path);
  } catch (error) {
    assert(["bad-name", "denied"].includes((error as { kind: string }).kind), String(error));
    return undefined;
  }
}

Deno.test("whatever is written, a resolved path is absolute, normal and below the root", () => {
  fc.assert(
    fc.property(anyText, anyText, (first, second) => {
      const current = resolved("/", first) ?? "/";
      const path = resolved(current, second);
      if (path === undefined) return;
      assert(path.startsWith("/"));
      assert(path === "/" || !path.endsWith("/"));
      assert(byteLength(path) <= MAX_PATH_BYTES);
      assertStrictEquals(path, path.normalize("NFC"));
      assert(path.isWellFormed());
      for (const name of path.slice(1).split("/")) {
        if (path === "/") break;
        assert(!/^\.*$/.test(name), path);
        // deno-lint-ignore no-control-regex
        assert(!/[\u0000-\u001f\u007f-\u009f]/.test(name), path);
        assert(byteLength(name) <= MAX_NAME_BYTES);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a resolved path resolves to itself, from anywhere", () => {
  fc.assert(fc.property(text, text, (first, second) => {
    const current = resolved("/", first) ?? "/";
    const path = resolved(current, second);
    if (path !== undefined) assertStrictEquals(resolvePath(current, path), path);
  }));
});

Deno.test("texts that mean the same character resolve to the same path", () => {
  fc.assert(fc.property(text, (path) => {
    assertStrictEquals(resolved("/", path.normalize("NFD")), resolved("/", path.normalize("NFC")));
  }));
  assertEquals(resolvePath("/", "/a\u0308"), "/ä");
  assertStrictEquals(resolvePath("/", "\u212b"), "/å".normalize("NFC").replace("å", "Å"));
});

Deno.test("relative paths begin at the current directory", () => {
  const cases: [current: string, path: string, expected: string][] = [
    ["/", "a", "/a"],
    ["/a", "b/c", "/a/b/c"],
    ["/a", "/b", "/b"],
    ["/a", "", "/a"],
    ["/a", ".", "/a"],
    ["/a/b", "..", "/a"],
    ["/a/b", "../..", "/"],
    ["/a/b", "../../c", "/c"],
    ["/a", "b/../c", "/a/c"],
    ["/a", "//b///c/.//d/", "/b/c/d"],
    ["/a", "b//", "/a/b"],
    ["/", "/", "/"],
    ["/", "a/./../b/", "/b"],
    ["/", "..a", "/..a"],
    ["/", "a..", "/a.."],
    ["/", ".hidden", "/.hidden"],
    ["/", "a\\..\\b", "/a\\..\\b"],
    ["/", "%2e%2e", "/%2e%2e"],
  ];
  for (const [current, path, expected] of cases) {
    assertStrictEquals(resolvePath(current, path), expected, `${current} ${path}`);
  }
});

Deno.test("a path that climbs above the root is denied, wherever it ends", () => {
  for (const path of ["..", "../a", "/..", "/../a", "a/../..", "/a/../../b", "/./..", "//.."]) {
    assertErrorLike(assertThrows(() => resolvePath("/", path)), { kind: "denied" }, path);
  }
  assertErrorLike(assertThrows(() => resolvePath("/a/b", "../../..")), { kind: "denied" });
});

Deno.test("control characters, lone surrogates and names of dots are bad names", () => {
  const codes = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i)];
  for (const code of codes) {
    assertErrorLike(assertThrows(() => resolvePath("/", `a${String.fromCharCode(code)}b`)), {
      kind: "bad-name",
    });
  }
  for (const bad of ["\ud800", "a\udc00", "\udc00\ud800", "/a/\udfff/b"]) {
    assertErrorLike(assertThrows(() => resolvePath("/", bad)), { kind: "bad-name" });
  }
  for (const bad of ["...", "/a/....", "..../a", `/${".".repeat(255)}`]) {
    assertErrorLike(assertThrows(() => resolvePath("/", bad)), { kind: "bad-name" }, bad);
  }
  // An invalid name is refused even if `..` would remove it from the path.
  assertErrorLike(assertThrows(() => resolvePath("/", "a\0/../b")), { kind: "bad-name" });
});

Deno.test("names have at most 255 bytes, paths at most 4096", () => {
  for (const name of ["x".repeat(255), "ä".repeat(127), "😀".repeat(63)]) {
    assertEquals(resolvePath("/", name), `/${name}`);
  }
  for (const name of ["x".repeat(256), "ä".repeat(128), "😀".repeat(64)]) {
    assertErrorLike(assertThrows(() => resolvePath("/", name)), { kind: "bad-name" });
  }
  const full = "/x".repeat(2048);
  assertStrictEquals(resolvePath("/", full), full);
  for (const long of [full + "/", full + "y", `${full}/../..`, "ä".repeat(2049), "/".repeat(1e6)]) {
    assertErrorLike(assertThrows(() => resolvePath("/", long)), { kind: "bad-name" });
  }
  assertErrorLike(assertThrows(() => resolvePath(full.slice(2), "x/yz")), { kind: "bad-name" });
  // One character that becomes three bytes longer in NFC must not slip past.
  const grows = "\u0958".repeat(85);
  assert(byteLength(grows) <= 255 && byteLength(grows.normalize("NFC")) > 255);
  assertErrorLike(assertThrows(() => resolvePath("/", grows)), { kind: "bad-name" });
});

Deno.test("byteLength() counts bytes of UTF-8", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => {
    assertEquals(byteLength(value), encoder.encode(value).length);
  }));
});

Deno.test("a path is its parent and its name", () => {
  fc.assert(fc.property(text, (value) => {
    const path = resolved("/", value);
    if (path === undefined || path === "/") return;
    assertStrictEquals(childOf(parentOf(path), nameOf(path)), path);
    assertStrictEquals(resolvePath(path, ".."), parentOf(path));
    assert(isWithin(path, parentOf(path)));
    assert(!isWithin(parentOf(path), path));
  }));
  assertEquals(parentOf("/"), "/");
  assertEquals(nameOf("/"), "");
});

Deno.test("isWithin() knows a tree from its neighbours", () => {
  for (const path of ["/doc", "/doc/a", "/doc/a/b"]) assertEquals(isWithin(path, "/doc"), true);
  for (const path of ["/docs", "/do", "/", "/doc ", "/Doc", "/a/doc", "/doc2/a", "/doc.txt"]) {
    assertEquals(isWithin(path, "/doc"), false, path);
    assertEquals(isWithin(path, "/"), true, path);
  }
});

Deno.test("compareCodePoints() orders as UTF-8 does", () => {
  fc.assert(fc.property(
    fc.string({ unit: "grapheme-composite" }),
    fc.string({ unit: "grapheme-composite" }),
    (a, b) => {
      const [x, y] = [encoder.encode(a), encoder.encode(b)];
      let at = 0;
      while (at < x.length && x[at] === y[at]) at++;
      const expected = Math.sign((x[at] ?? -1) - (y[at] ?? -1));
      assertStrictEquals(Math.sign(compareCodePoints(a, b)), expected);
      assertEquals(Math.sign(compareCodePoints(b, a)), -expected || 0);
    },
  ));
  assert(compareCodePoints("\uffee", "😀") < 0);
  assert(compareCodePoints("😀", "😁") < 0);
});
