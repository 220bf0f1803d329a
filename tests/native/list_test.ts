/** PROTOCOL, "Files and directories": `LIST` and `NLST`, their order, pages and cursors. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { holds, holdsOnDisk, is, namesIn, onDisk } from "../support/native.ts";
import { type RawClient, sha256 } from "../support/raw_client.ts";

type Entry = Record<string, unknown>;

/** All pages of a listing. */
async function pages(client: RawClient, data: Entry, command = "LIST"): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: unknown;
  do {
    const reply = is(await client.ask(command, { ...data, cursor }), "OK", 200);
    found.push((reply.names ?? (reply.entries as Entry[]).map(({ name }) => name)) as string[]);
    cursor = reply.cursor;
    assertNotEquals(cursor, null);
  } while (cursor !== undefined);
  return found;
}

holds("LIST reports type, size, time, hash and version of each entry", async ({ alice }) => {
  is(await alice.upload("d/a.txt", "one", { make_dirs: true, mtime: 1_000_000_000_123 }), "OK");
  is(await alice.upload("d/a.txt", "three", { mtime: 1_000_000_000_456 }), "OK");
  is(await alice.ask("MKD", { path: "d/sub" }), "OK");
  const { path, entries, ...rest } = is(await alice.ask("LIST", { path: "d" }), "OK", 200);
  assertEquals([path, rest], ["/d", {}]);
  const [one, two, sub] = entries as Entry[];
  const file = { name: "a.txt", type: "file", size: 3, mtime: 1_000_000_000_123 };
  assertEquals(one, { ...file, hash: sha256("one"), version: 1 });
  const second = { name: "a_v2.txt", size: 5, mtime: 1_000_000_000_456, version: 2 };
  assertEquals(two, { ...file, ...second, hash: sha256("three") });
  const { mtime, ...directory } = sub!;
  assertEquals(directory, { name: "sub", type: "directory", size: 0, hash: null });
  assert(Number.isSafeInteger(mtime));
  const single = is(await alice.ask("LIST", { path: "d/a.txt" }), "OK");
  assertEquals(single, { path: "/d/a.txt", entries: [one] });
  is(await alice.ask("CWD", { path: "d" }), "OK");
  for (const data of [{}, { path: null }, { path: "" }, { path: "." }, { path: "/d/" }]) {
    assertEquals(is(await alice.ask("LIST", data), "OK").entries, entries);
  }
  assertEquals(is(await alice.ask("NLST"), "OK", 200), {
    path: "/d",
    names: ["a.txt", "a_v2.txt", "sub"],
  });
});

holds("LIST and NLST of a missing path, or one below a file", async ({ alice }) => {
  is(await alice.upload("a", "1"), "OK");
  for (const command of ["LIST", "NLST"]) {
    is(await alice.ask(command, { path: "none" }), "FILE_NOT_FOUND");
    is(await alice.ask(command, { path: "none/b" }), "FILE_NOT_FOUND");
    is(await alice.ask(command, { path: "a/b" }), "NOT_A_DIRECTORY");
    is(await alice.ask(command, { path: "/shared" }), "FILE_NOT_FOUND");
    is(await alice.ask(command, { path: "/shared/bob" }), "FILE_NOT_FOUND");
    is(await alice.ask(command, { path: ".." }), "PERMISSION_DENIED");
  }
  assertEquals(await namesIn(alice), ["a"]);
});

holds("names are sorted by code points", async ({ alice }) => {
  const sorted = ["A", "B", "_", "a", "a b", "a-", "a.", "aa", "ä", "ﬀ", "\u{ffee}", "😀", "𝒳"];
  sorted.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))); // UTF-8 has their order
  for (const name of sorted.toReversed()) is(await alice.upload(name, "1"), "OK", 226);
  assertEquals(await namesIn(alice), sorted);
  assertEquals(await pages(alice, { limit: 3 }), chunks(sorted, 3));
});

holds(
  "recursive lists directories too, names relative, in order of the whole name",
  async ({ alice }) => {
    for (const name of ["a/x", "a/sub/y", "a.txt", "a-b", "b/z", "a/sub.txt", "ab/c"]) {
      is(await alice.upload(`top/${name}`, "1", { make_dirs: true }), "OK", 226);
    }
    const sorted = [
      ["a", "a-b", "a.txt", "a/sub", "a/sub.txt", "a/sub/y", "a/x"],
      ["ab", "ab/c", "b", "b/z"],
    ].flat();
    assertEquals(await pages(alice, { path: "top", recursive: true }), [sorted]);
    for (const limit of [1, 2, 3, 5]) {
      const found = await pages(alice, { path: "top", recursive: true, limit });
      assertEquals(found, chunks(sorted, limit));
      assertEquals(await pages(alice, { path: "top", recursive: true, limit }, "NLST"), found);
    }
    const [first] = await pages(alice, { path: "/", recursive: true });
    assertEquals(first, ["top", ...sorted.map((name) => `top/${name}`)]);
  },
);

holdsOnDisk(
  "pages have 1,000 entries by default, and end early where 1 MiB is reached",
  async ({ server, alice }) => {
    await Deno.mkdir(onDisk(server, "many"));
    await Deno.mkdir(onDisk(server, "long"));
    const many = Array.from({ length: 2500 }, (_, index) => `f${String(index).padStart(4, "0")}`);
    for (const name of many) Deno.writeTextFileSync(onDisk(server, `many/${name}`), "");
    const lengths = (found: string[][]) => found.map(({ length }) => length);
    const found = await pages(alice, { path: "many" });
    assertEquals([lengths(found), found.flat()], [[1000, 1000, 500], many]);
    assertEquals(lengths(await pages(alice, { path: "many", limit: 2500 })), [2500]);
    assertEquals(lengths(await pages(alice, { path: "many", limit: 10_000 })), [2500]);
    assertEquals((await pages(alice, { path: "many" }, "NLST")).flat(), many);
    const long = many.map((name) => name + '"'.repeat(250));
    for (const name of long) Deno.writeTextFileSync(onDisk(server, `long/${name}`), "");
    for (const command of ["LIST", "NLST"]) {
      const parts = await pages(alice, { path: "long", limit: 10_000 }, command);
      assert(parts.length > 1, `${parts.length} pages`);
      assertEquals(parts.flat(), long);
    }
  },
);

holds("a cursor of another listing, or none of ours, is BAD_REQUEST", async ({ alice }) => {
  for (const name of ["a/1", "a/2", "b/1"]) await alice.upload(name, "1", { make_dirs: true });
  const { cursor } = is(await alice.ask("LIST", { path: "a", limit: 1 }), "OK");
  assertEquals(typeof cursor, "string");
  for (const command of ["LIST", "NLST"]) {
    is(await alice.ask(command, { path: "b", cursor }), "BAD_REQUEST");
    is(await alice.ask(command, { path: "a", recursive: true, cursor }), "BAD_REQUEST");
    for (const bad of ["", "x", "1", "é", btoa("[]"), btoa("null"), `${cursor}x`]) {
      is(await alice.ask(command, { path: "a", cursor: bad }), "BAD_REQUEST");
    }
  }
});

holds("a page goes on though its last entry was removed meanwhile", async ({ alice }) => {
  for (const name of ["a", "b", "c", "d"]) await alice.upload(name, "1");
  const { cursor } = is(await alice.ask("LIST", { limit: 2 }), "OK");
  is(await alice.ask("DELE", { filename: "b" }), "OK");
  await alice.upload("bb", "1");
  const { entries } = is(await alice.ask("LIST", { cursor }), "OK");
  assertEquals((entries as Entry[]).map(({ name }) => name), ["bb", "c", "d"]);
});

function chunks(names: string[], size: number): string[][] {
  const count = Math.ceil(names.length / size);
  return Array.from({ length: count }, (_, index) => names.slice(index * size, (index + 1) * size));
}
