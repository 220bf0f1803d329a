import { assert, assertEquals, assertMatch, assertNotStrictEquals } from "@std/assert";
import fc from "fast-check";
import * as v from "valibot";
import { quickData } from "../../protocol/quick_data.ts";
import {
  type CommandName,
  isRequestId,
  makeReply,
  parseData,
  REQUESTS,
  STATUSES,
} from "../../protocol/mod.ts";

const commands = Object.keys(REQUESTS) as CommandName[];
const HASH = "0123456789abcdef".repeat(4);

function problem(command: CommandName, data: unknown): string {
  const result = parseData(command, data);
  assert("problem" in result, `${command} took ${JSON.stringify(data)}`);
  return result.problem;
}

function taken(command: CommandName, data: unknown): unknown {
  const result = parseData(command, data);
  assert("data" in result, JSON.stringify(result));
  return result.data;
}

Deno.test("parseData() takes integers from 0 to 2^53-1", () => {
  for (const size of [0, 1, 1.0, -0, 2 ** 31, 2 ** 32, 2 ** 53 - 1, JSON.parse("1.0e3")]) {
    assertEquals(taken("UPLOAD", { filename: "a", file_size: size }), {
      filename: "a",
      file_size: size,
    });
  }
});

Deno.test("the quick check of a request is that of its schema, or leaves it to that", () => {
  const absent = fc.constant(undefined);
  const odd = fc.oneof(absent, fc.constant(null), fc.anything());
  const mostly = (plain: fc.Arbitrary<unknown>, ...others: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ weight: 15, arbitrary: plain }, ...others, odd);
  const members = {
    filename: mostly(fc.string()),
    file_size: mostly(fc.nat(), absent, fc.double(), fc.constant(2 ** 53)),
    file_hash: mostly(fc.constant(HASH), absent, fc.constant(HASH.toUpperCase()), fc.constant("")),
    mtime: mostly(fc.nat(), fc.constant(8.64e15), fc.constant(8.64e15 + 2)),
    if_exists: mostly(fc.constantFrom("version", "overwrite", "skip", "fail"), fc.constant("else")),
    make_dirs: mostly(fc.boolean()),
    pipelined: mostly(fc.constant(true), fc.constant(false)),
    overwrite: mostly(absent),
    offset: mostly(absent),
    unknown: odd,
  };
  const quick = new Set<string>();
  fc.assert(
    fc.property(
      fc.constantFrom("UPLOAD" as const, "DOWNLOAD" as const, "END" as const),
      fc.record(members),
      (command, data) => {
        const found = quickData(command, data);
        if (found === undefined) return;
        quick.add(command);
        const checked = v.safeParse(REQUESTS[command], data);
        assert(checked.success);
        const reported = Object.entries(checked.output).filter(([, value]) => value !== undefined);
        assertEquals(found, Object.fromEntries(reported));
      },
    ),
    { numRuns: 5000 },
  );
  assertEquals(quick, new Set(["UPLOAD", "DOWNLOAD", "END"]));
});

Deno.test("parseData() refuses every other number, and names the member", () => {
  const wrong = [
    -1,
    0.5,
    2 ** 53,
    2 ** 64,
    1e300,
    -(2 ** 53),
    NaN,
    Infinity,
    "1",
    "",
    true,
    [],
    {},
  ];
  for (const size of wrong) {
    assertMatch(
      problem("UPLOAD", { filename: "a", file_size: size }),
      /^UPLOAD: "file_size" must/,
    );
    assertMatch(problem("REST", { offset: size }), /^REST: "offset" must/);
  }
});

Deno.test("parseData() says that a member is missing", () => {
  assertEquals(problem("UPLOAD", {}), `UPLOAD: "filename" is missing`);
  assertEquals(problem("RENAME", { from: "a" }), `RENAME: "to" is missing`);
});

Deno.test("null means an absent optional member, and for no other", () => {
  assertEquals(
    taken("UPLOAD", { filename: "a", file_size: null, file_hash: null, if_exists: null }),
    { filename: "a" },
  );
  assertMatch(problem("UPLOAD", { filename: null }), /"filename"/);
  assertEquals(taken("QUOTA", { username: "a", bytes: null }), { username: "a", bytes: null });
  assertEquals(problem("QUOTA", { username: "a" }), `QUOTA: "bytes" is missing`);
});

Deno.test("data that is absent or null is an empty object, and nothing else is one", () => {
  for (const data of [undefined, null, {}]) assertEquals(taken("PWD", data), {});
  for (const data of [[], "", 0, false, "{}"]) {
    assertEquals(problem("PWD", data), `"data" must be an object`);
  }
});

Deno.test("unknown members are dropped, those of odd names too", () => {
  const data = JSON.parse('{"filename":"a","extra":1,"__proto__":{"file_size":5},"constructor":2}');
  const result = taken("UPLOAD", data) as Record<string, unknown>;
  assertEquals(Object.keys(result), ["filename"]);
  assertEquals(result.file_size, undefined);
  const inherited = Object.create({ filename: "inherited" });
  assertNotStrictEquals((parseData("HASH", inherited) as { data?: unknown }).data, inherited);
});

Deno.test("hashes are 64 hexadecimal digits and come out in lower case", () => {
  assertEquals(taken("END", { file_hash: HASH.toUpperCase() }), { file_hash: HASH });
  for (const hash of ["", HASH.slice(1), HASH + "0", HASH.replace("f", "g"), HASH + "\n", 5]) {
    assertMatch(problem("END", { file_hash: hash }), /"file_hash" must be/);
  }
});

Deno.test("flags are true or false, choices one of a list", () => {
  for (const value of [0, 1, "true", {}]) {
    assertMatch(problem("MKD", { path: "a", make_dirs: value }), /"make_dirs" must be true or/);
  }
  for (const value of ["Version", "", "__proto__", 1]) {
    assertMatch(problem("UPLOAD", { filename: "a", if_exists: value }), /"if_exists" must be/);
  }
});

Deno.test("texts are texts: any, of any length", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (filename) => {
    assertEquals(taken("HASH", { filename }), { filename });
  }));
  for (const value of [1, true, [], {}, ["a"]]) {
    assertMatch(problem("HASH", { filename: value }), /"filename" must be a string/);
  }
});

Deno.test("whatever comes as data, every command answers with data or one sentence", () => {
  const members = [...new Set(commands.flatMap((name) => Object.keys(REQUESTS[name].entries)))];
  const data = fc.dictionary(fc.constantFrom(...members, "__proto__"), fc.jsonValue());
  fc.assert(fc.property(fc.constantFrom(...commands), data, (command, value) => {
    const result = parseData(command, value);
    if ("problem" in result) {
      assertMatch(result.problem, /^[A-Z]+: "[a-z_]+" \S/);
      return;
    }
    const entries = Object.entries(result.data);
    for (const [name, member] of entries) {
      assert(name in REQUESTS[command].entries);
      assert(member !== null || name === "bytes");
      if (typeof member === "number") assert(Number.isSafeInteger(member) && member >= 0);
    }
  }));
});

Deno.test("an id is an integer from 0 or at most 64 characters", () => {
  for (const id of [0, 2 ** 53 - 1, "", "x".repeat(64), "😀".repeat(64)]) {
    assertEquals(isRequestId(id), true);
  }
  for (
    const id of [
      -1,
      0.5,
      2 ** 53,
      NaN,
      "x".repeat(65),
      "😀".repeat(65),
      null,
      undefined,
      true,
      {},
      [1],
    ]
  ) {
    assertEquals(isRequestId(id), false);
  }
});

Deno.test("a reply carries the status's code, or another, and the id where there is one", () => {
  assertEquals(makeReply("OK", {}, undefined), { status: "OK", code: 200, data: {} });
  assertEquals(makeReply("OK", {}, 0, 226), { status: "OK", code: 226, data: {}, id: 0 });
  assertEquals(makeReply("BAD_NAME", { message: "No" }, "x"), {
    status: "BAD_NAME",
    code: 553,
    data: { message: "No" },
    id: "x",
  });
});

Deno.test("every status has an FTP code and a meaning in one line", () => {
  for (const [name, { code, meaning }] of Object.entries(STATUSES)) {
    assertMatch(name, /^[A-Z_]+$/);
    assert(Number.isInteger(code) && code >= 100 && code < 600);
    assertMatch(meaning, /^[^\n]+[^.\n]$/);
  }
});
