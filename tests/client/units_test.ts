import {
  assert,
  assertEquals,
  assertMatch,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { assertErrorLike, assertErrorWhere } from "../support/errors.ts";
import { createHash } from "node:crypto";
import { parseEndpoint } from "../../client/lib/connection/endpoint.ts";
import { ClientError } from "../../client/lib/common/error.ts";
import { isSafeRelative, remoteBase, remoteJoin } from "../../client/lib/local/local_path.ts";
import { COMMON_OPTIONS, parseCommandLine } from "../../client/cli/options/options.ts";
import { isPartOf, newPartPath } from "../../client/lib/local/part_name.ts";
import { PrefixHash } from "../../client/lib/local/prefix.ts";
import { row } from "../../client/cli/terminal/progress_bars.ts";
import { readSmall, SMALL_BYTES } from "../../client/lib/upload/small_file.ts";
import { StreamSource } from "../../client/lib/upload/stream_source.ts";
import { jsonLine, printable } from "../../common/printable.ts";
import { formatSize } from "../../common/size.ts";
import { formatSeconds, parseDuration, parseSize } from "../../client/cli/terminal/units.ts";
import { allCommands, findCommand } from "../../client/cli/commands.ts";
import { noise, sha256 } from "./world.ts";

const usage = (error: unknown) => error instanceof ClientError && error.exitCode === 2;

Deno.test("SIZE and DUR are read as documented", () => {
  assertEquals(parseSize("17", "x"), 17);
  assertEquals(parseSize("1.5K", "x"), 1536);
  assertEquals(parseSize("2t", "x"), 2 * 1024 ** 4);
  for (const wrong of ["", "K", "-1", "0", "1e9", "9999999T", "5 M", "5KiB"]) {
    assertErrorWhere(assertThrows(() => parseSize(wrong, "x")), usage, wrong);
  }
  assertEquals(parseDuration("1.5s", "x"), 1500);
  assertEquals(parseDuration("2d", "x"), 172_800_000);
  for (const wrong of ["", "5", "s", "-1s", "0s", "5 s", "1w"]) {
    assertErrorWhere(assertThrows(() => parseDuration(wrong, "x")), usage, wrong);
  }
});

Deno.test("sizes and times for people", () => {
  assertEquals([0, 1023, 1024, 102_399, 1024 ** 2 - 1, 5e9].map(formatSize), [
    ...["0 B", "1023 B", "1.0 KiB", "100 KiB", "1.0 MiB", "4.7 GiB"],
  ]);
  assertEquals([0, 59.2, 61, 7400, Infinity, NaN].map(formatSeconds), [
    ...["0s", "1m00s", "1m01s", "2h03m", "--", "--"],
  ]);
});

Deno.test("HOST:PORT in every form", () => {
  const read = (text: string) => {
    const { hostname, port, name, local } = parseEndpoint(text);
    return [hostname, port, name, local];
  };
  assertEquals(read("Files.Example.org"), [
    ...["files.example.org", 9000, "files.example.org:9000", false],
  ]);
  assertEquals(read("127.0.0.1:1"), ["127.0.0.1", 1, "127.0.0.1:1", true]);
  assertEquals(read("[::1]:99"), ["::1", 99, "[::1]:99", true]);
  assertEquals(read("::1"), ["::1", 9000, "[::1]:9000", true]);
  for (const wrong of ["", ":1", "a:0", "a:65536", "a:b", "a b", "http://a", "[::1", "a/b"]) {
    assertErrorWhere(assertThrows(() => parseEndpoint(wrong)), usage, wrong);
  }
});

Deno.test("text of others cannot reach the terminal", () => {
  assertEquals(printable("a\x1b[2J\x9b1m\u202e\ud800z"), "a\\u001b[2J\\u009b1m\\u202e\ufffdz");
  assertEquals(printable("Ünïcödé 日本 👩"), "Ünïcödé 日本 👩");
  const line = jsonLine({ a: "\x9b\x7f\n" });
  assertEquals(line, `{"a":"\\u009b\\u007f\\n"}`);
  assertEquals(JSON.parse(line), { a: "\x9b\x7f\n" });
});

Deno.test("temporary names fit, are of one target alone, and are never the same", () => {
  assertMatch(newPartPath("/a/b.txt"), /^\/a\/\.b\.txt\.[0-9a-f]{8}\.towpath-part$/);
  assertNotStrictEquals(newPartPath("/a/b"), newPartPath("/a/b"));
  const long = "ü".repeat(127);
  const names = ["b", "b.0", "b.01234567", ".b", "x".repeat(232), "x".repeat(233), "x".repeat(255)];
  for (const name of [...names, long, `${long.slice(1)}x`]) {
    const part = newPartPath(`/a/${name}`);
    assert(new TextEncoder().encode(part.slice(3)).length <= 255, name);
    assert(isPartOf(part, `/a/${name}`), name);
    for (const other of names) assertEquals(isPartOf(part, `/a/${other}`), other === name);
  }
  for (const name of [".b.0123456.towpath-part", ".b.0123456G.towpath-part", "b.part", ".b.part"]) {
    assertEquals(isPartOf(`/a/${name}`, "/a/b"), false, name);
  }
});

Deno.test("remote paths", () => {
  assertEquals(["/a/b", "b/", "/", "..", "a/..", ""].map(remoteBase), [
    ...["b", "b", "", "", "", ""],
  ]);
  assertEquals([remoteJoin("/a/", "b"), remoteJoin("a", "b"), remoteJoin("", "b")], [
    ...["/a/b", "a/b", "b"],
  ]);
  assert(isSafeRelative("a/...b/ c"));
  for (const name of ["../a", "a/..", "/a", "a//b", "", ".", "a\u009b"]) {
    assert(!isSafeRelative(name), name);
  }
});

Deno.test("a prefix is hashed from the nearest kept state, not from the beginning", async () => {
  const content = noise(40 * 1024 * 1024);
  let position = 0;
  let reads = 0;
  const source = {
    read(into: Uint8Array) {
      const bytes = content.subarray(position, position + into.length);
      into.set(bytes);
      position += bytes.length;
      reads += bytes.length;
      return bytes.length;
    },
    seek: (offset: number) => void (position = offset),
  };
  const hash = new PrefixHash();
  assert(await hash.goTo(content.length, source));
  reads = 0;
  const offset = 33 * 1024 * 1024;
  assert(await hash.goTo(offset, source));
  assertEquals(hash.digest(), sha256(content.subarray(0, offset)));
  assert(reads < 2 * 1024 * 1024, `${reads}`);
  assert(await hash.goTo(content.length, source));
  assertEquals(hash.digest(), sha256(content));
  assertEquals(await hash.goTo(content.length + 1, source), false);
});

Deno.test("a stream can be read again from the first unconfirmed byte", async () => {
  const content = noise(100_000);
  let at = 0;
  const source = new StreamSource({
    read(into) {
      const bytes = content.subarray(at, at + Math.min(into.length, 777));
      into.set(bytes);
      at += bytes.length;
      return Promise.resolve(bytes.length === 0 ? null : bytes.length);
    },
  });
  const buffer = new Uint8Array(30_000);
  for (let turn = 0; turn < 3; turn++) assertEquals(await source.read(buffer), 30_000);
  source.seek(12_345);
  const hash = createHash("sha256").update(content.subarray(0, 12_345));
  for (let count = await source.read(buffer); count > 0; count = await source.read(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  assertEquals(hash.digest("hex"), sha256(content));
});

Deno.test("a row of progress is never wider than the terminal", () => {
  const rate = { perSecond: 123_456_789 };
  const running = { name: "ü".repeat(90), size: 5e9, offset: 2e9, rate };
  for (const columns of [20, 40, 60, 80, 120, 300]) {
    const text = row(running, columns);
    assert(text.length < columns, `${columns}: ${text}`);
    assertMatch(text, /40%/);
  }
  // The width that most terminals have holds all of it.
  assertMatch(row(running, 80), /…ü+ █+░+ +40% +1\.9 GiB\/4\.7 GiB +118 MiB\/s +25s/);
  assertMatch(row({ ...running, size: undefined }, 100), /1\.9 GiB/);
});

Deno.test("every command is found by its own name, and no other is", async () => {
  for (const command of await allCommands()) {
    assertStrictEquals(await findCommand(command.name), command);
  }
  for (const name of ["", "nosuch", "constructor", "Upload"]) {
    assertEquals(await findCommand(name), undefined);
  }
});

Deno.test("every command's options are distinct from the common ones", async () => {
  for (const { name, options } of await allCommands()) {
    const names = [...options, ...COMMON_OPTIONS].flatMap((
      { name, short },
    ) => [name, short ?? name]);
    const distinct = new Set(names);
    const twice = [...options, ...COMMON_OPTIONS].filter((spec) => spec.short === undefined).length;
    assertEquals(distinct.size, names.length - twice, name);
  }
});

Deno.test("secrets are refused on the command line", () => {
  for (const arg of ["--password", "--password=x", "--token", "--new-password=x"]) {
    assertMatch(
      String(assertThrows(() => parseCommandLine([arg], COMMON_OPTIONS))),
      /not taken from the command line/,
    );
  }
  const { values } = parseCommandLine(["--password-file", "f"], COMMON_OPTIONS);
  assertEquals(values.text("password-file"), "f");
});

Deno.test("a small file is read whole, unless it changes while it is read", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/a`;
  const room = (bytes: number) => new Uint8Array(bytes + 10);
  /** Reads `a`, which changes once it was opened. */
  const changing = (change: () => void) =>
    readSmall(path, (bytes) => {
      change();
      return room(bytes);
    });
  const put = (text: string) => {
    Deno.writeTextFileSync(path, text);
    Deno.utimeSync(path, 1000, 1000);
  };
  try {
    put("content");
    const { bytes, hash, mtime } = readSmall(path, room)!;
    assertEquals(new TextDecoder().decode(bytes), "content");
    assertEquals(hash, createHash("sha256").update("content").digest("hex"));
    assertEquals(mtime, 1_000_000);
    const changes = {
      appended: () => Deno.writeTextFileSync(path, "more", { append: true }),
      cut: () => Deno.truncateSync(path, 3),
      written: () => Deno.writeTextFileSync(path, "another"),
      replaced: () => {
        Deno.renameSync(path, `${path}.old`); // kept, so that its inode is not given again
        put("another");
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      put("content");
      assertErrorLike(
        assertThrows(() => changing(change)),
        { name: "ClientError", exitCode: 8 },
        name,
      );
    }
    Deno.truncateSync(path, SMALL_BYTES + 1);
    assertEquals(readSmall(path, room), undefined);
    assertErrorLike(assertThrows(() => readSmall(directory, room)), { exitCode: 8 });
    assertErrorLike(assertThrows(() => readSmall(`${directory}/none`, room)), { exitCode: 4 });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
