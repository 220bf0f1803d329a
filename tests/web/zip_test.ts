// Archives: ZIP64 beyond 65,535 entries and 4 GiB, distinct names, and what is missing in them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Download } from "../../storage/transfer/download.ts";
import { notFound, StoreError } from "../../storage/contract/error.ts";
import type { ReadableTree } from "../../storage/people/link_visit.ts";
import type { FileInfo } from "../../storage/tree/seen_tree.ts";
import { zipStream } from "../../server/web/zip/archive.ts";
import { ZipWriter } from "../../server/web/zip/writer.ts";

const encoder = new TextEncoder();
const MTIME_MS = Date.UTC(2021, 5, 4, 3, 2, 1);

/**
 * An archive as Python's reader sees it: each entry's name, size, offset, time, and its content.
 */
interface Found {
  name: string;
  size: number;
  offset: number;
  directory: boolean;
  sha256: string | null;
}

const READER = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
most = int(sys.argv[2])
print(json.dumps([{
    "name": i.filename, "size": i.file_size, "offset": i.header_offset, "directory": i.is_dir(),
    "sha256": hashlib.sha256(archive.read(i)).hexdigest() if i.file_size <= most else None,
} for i in archive.infolist()]))
`;

/** Reads an archive with Python's zipfile, which compares every CRC. */
async function read(file: string, most = 1 << 20): Promise<Found[]> {
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", READER, file, String(most)],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function withFile(run: (path: string, file: Deno.FsFile) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "towpath-zip-" });
  try {
    using file = await Deno.open(path, { write: true });
    await run(path, file);
  } finally {
    await Deno.remove(path);
  }
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test("an archive of 70,000 files is whole: its count is in a ZIP64 end record", async () => {
  await withFile(async (path, file) => {
    const writer = new ZipWriter();
    const empty = { directory: false, mtimeMs: MTIME_MS, size: 0, crc: 0 };
    for (let i = 0; i < 70_000; i++) {
      for (const piece of writer.whole({ ...empty, name: encoder.encode(`f${i}`) })) {
        file.writeSync(piece);
      }
    }
    for (const piece of writer.finish()) file.writeSync(piece);
    const found = await read(path, -1);
    assertEquals(found.length, 70_000);
    assertEquals(found.at(-1)!.name, "f69999");
  });
});

Deno.test("an entry over 4 GiB, and what comes behind it, have ZIP64 sizes and offsets", async () => {
  await withFile(async (path, file) => {
    const writer = new ZipWriter();
    const zeros = new Uint8Array(16 * 1024 * 1024);
    const size = 300 * zeros.length;
    const large = {
      name: encoder.encode("large"),
      directory: false,
      mtimeMs: 0,
      crc: undefined,
      size,
    };
    const small = { name: encoder.encode("ä.txt"), directory: false, mtimeMs: MTIME_MS };
    const put = (pieces: Iterable<Uint8Array>) => {
      for (const piece of pieces) {
        // A hole in the file replaces the zeros.
        if (piece === zeros) file.seekSync(piece.length, Deno.SeekMode.Current);
        else file.writeSync(piece);
      }
    };
    put(writer.begin(large));
    for (let i = 0; i < 300; i++) put(writer.content(zeros));
    put(writer.end(large, 0x12345678)); // never read to its end
    put(writer.whole({ ...small, size: 2, crc: crc32("hi") }, encoder.encode("hi")));
    put(writer.finish());
    const [first, second] = await read(path);
    assertEquals([first!.name, first!.size, first!.offset], ["large", size, 0]);
    assertEquals([second!.name, second!.sha256], ["ä.txt", sha256("hi")]);
    assert(second!.offset > 2 ** 32, String(second!.offset));
  });
});

/** A tree in memory: a text is a file's content, null a file that is listed and gone. */
interface Tree {
  [name: string]: string | null | Tree;
}

function readable(root: Tree, failing: Record<string, StoreError> = {}): ReadableTree {
  const at = (path: string) =>
    path.split("/").filter((name) => name !== "")
      .reduce<string | null | Tree | undefined>((tree, name) => (tree as Tree)[name], root);
  return {
    entries: (path) => {
      const infos = Object.entries(at(path) as Tree).map(([name, value]): FileInfo => ({
        name,
        type: value === null || typeof value === "string" ? "file" : "directory",
        size: 0,
        mtimeMs: MTIME_MS,
        hash: null,
      }));
      return Promise.resolve((async function* () {
        yield infos;
      })());
    },
    download: (path) => {
      const content = at(path);
      if (typeof content !== "string") return Promise.reject(notFound(path));
      const bytes = encoder.encode(content);
      return Promise.resolve({
        record: { size: bytes.length },
        read: (into: Uint8Array, offset: number) => {
          into.set(bytes.subarray(offset, offset + into.length));
          return Promise.resolve(Math.min(into.length, bytes.length - offset));
        },
        finish: () => failing[path] ? Promise.reject(failing[path]) : Promise.resolve(),
        close: () => {},
      } as unknown as Download);
    },
  };
}

const TOP = [{ path: "/", name: "", directory: true, mtimeMs: MTIME_MS }];

async function archived(tree: ReadableTree): Promise<Map<string, string | null>> {
  const found = new Map<string, string | null>();
  await withFile(async (path, file) => {
    for await (const piece of zipStream(tree, TOP)) file.writeSync(piece);
    for (const { name, directory, sha256 } of await read(path)) {
      assert(!found.has(name), `twice: ${name}`);
      found.set(name, directory ? null : sha256);
    }
  });
  return found;
}

Deno.test("names that would become one in an archive are distinct; others stay as they are", async () => {
  const large = "x".repeat(600_000); // beyond what is read before its entry begins
  const found = await archived(readable({
    "a\\b.txt": "backslash",
    "a_b.txt": "plain",
    "a_b (2).txt": "second",
    "a\nb.txt": "line end",
    "\u00e4": "composed",
    "a\u0308": "decomposed",
    "..\\up": "climbs",
    "d": { "in": large, "empty": {} },
    "d\\": { "in": "another" },
    ".. ": { "in": "above, to Windows" },
    "C:": "drive",
    "Case": "upper",
    "case": "lower",
    "shared": "of that name",
  }));
  assertEquals(Object.fromEntries(found), {
    "a_b.txt": sha256("plain"),
    "a_b (2).txt": sha256("second"),
    "\u00e4": sha256("composed"),
    "d/": null,
    "d/in": sha256(large),
    "d/empty/": null,
    "Case": sha256("upper"),
    "case": sha256("lower"),
    "shared": sha256("of that name"),
    "a_b (3).txt": sha256("backslash"),
    "a_b (4).txt": sha256("line end"),
    "a\u0308 (2)": sha256("decomposed"),
    ".._up": sha256("climbs"),
    "d_/": null,
    "d_/in": sha256("another"),
    "___/": null,
    "___/in": sha256("above, to Windows"),
    "C_": sha256("drive"),
  });
});

Deno.test("a file that is gone when its turn comes is named in the archive", async () => {
  const found = await archived(readable({ here: "content", gone: null, d: { "also gone": null } }));
  const text = "These files are not in the archive:\n\n" +
    "gone was removed while the archive was made\n" +
    "d/also gone was removed while the archive was made\n";
  assertEquals(found.get("MISSING IN THIS ARCHIVE.txt"), sha256(text));
  assertEquals([...found.keys()].sort(), ["MISSING IN THIS ARCHIVE.txt", "d/", "here"]);
});

Deno.test("a file that is damaged ends the archive with an error, before and after its begin", async () => {
  for (const length of [10, 600_000]) {
    const damaged = { "/b": new StoreError("checksum", `"/b" is damaged on the server's disk`) };
    const stream = zipStream(readable({ a: "1", b: "x".repeat(length), c: "2" }, damaged), TOP);
    assertErrorLike(
      await assertRejects(async () => {
        for await (const _ of stream);
      }),
      { name: "StoreError", kind: "checksum" },
    );
  }
});
