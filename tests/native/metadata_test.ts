/** PROTOCOL, "Files and directories": `SIZE`, `MDTM`, `STAT`, `HASH`, `MFMT`, `VERSIONS`, `WHY`. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStrictEquals,
} from "@std/assert";
import { addAccount } from "../support/in_process.ts";
import { holds, is, login, names, namesIn } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

const MTIME = Date.UTC(2024, 1, 29, 23, 59, 58, 765);

holds("SIZE, MDTM, STAT and HASH of a file", async ({ alice }) => {
  is(await alice.upload("d/a_v3.txt", "content", { make_dirs: true, mtime: MTIME }), "OK");
  const filename = "d/a_v3.txt";
  assertEquals(is(await alice.ask("SIZE", { filename }), "OK", 213), { size: 7 });
  assertEquals(is(await alice.ask("MDTM", { filename }), "OK", 213), {
    mtime: MTIME,
    mdtm: "20240229235958",
  });
  assertEquals(is(await alice.ask("STAT", { filename }), "OK", 213), {
    filename: "/d/a_v3.txt",
    type: "file",
    size: 7,
    mtime: MTIME,
    hash: sha256("content"),
    version: 3,
  });
  assertEquals(is(await alice.ask("HASH", { filename }), "OK", 213).hash, sha256("content"));
});

holds("STAT and MDTM work on directories; SIZE, HASH and VERSIONS do not", async ({ alice }) => {
  is(await alice.ask("MKD", { path: "d" }), "OK");
  for (const filename of ["d", "/"]) {
    const stat = is(await alice.ask("STAT", { filename }), "OK", 213);
    assertEquals([stat.type, stat.size, stat.hash], ["directory", 0, null]);
    assertMatch(String(is(await alice.ask("MDTM", { filename }), "OK").mdtm), /^\d{14}$/);
    for (const command of ["SIZE", "HASH", "VERSIONS"]) {
      is(await alice.ask(command, { filename }), "IS_A_DIRECTORY", 550);
    }
  }
});

holds("paths that are missing, lie below a file, climb or have no name", async ({ alice }) => {
  is(await alice.upload("a", "1"), "OK");
  for (const command of ["SIZE", "MDTM", "STAT", "HASH", "VERSIONS", "MFMT", "VIEW", "DOWNLOAD"]) {
    const ask = (filename: string) => alice.ask(command, { filename, mtime: 1 });
    is(await ask("none"), "FILE_NOT_FOUND", 550);
    is(await ask("none/none"), "FILE_NOT_FOUND", 550);
    is(await ask("a/b"), "NOT_A_DIRECTORY", 550);
    is(await ask("../a"), "PERMISSION_DENIED", 550);
    is(await ask(""), "BAD_NAME", 553);
    is(await ask("a\nb"), "BAD_NAME", 553);
    is(await ask("/shared/bob/a"), "FILE_NOT_FOUND", 550);
  }
});

holds("MFMT sets a time, before 1970 too, and the checksum stays known", async ({ alice }) => {
  is(await alice.upload("d/a", "content", { make_dirs: true }), "OK");
  for (const mtime of [MTIME, 0, 1, -1, -1500, -500_000_000_000]) {
    is(await alice.ask("MFMT", { filename: "d/a", mtime }), "OK", 213);
    const stat = is(await alice.ask("STAT", { filename: "d/a" }), "OK");
    assertEquals([stat.mtime, stat.hash], [mtime, sha256("content")]);
  }
  is(await alice.ask("MFMT", { filename: "d", mtime: MTIME }), "OK", 213);
  assertStrictEquals(is(await alice.ask("MDTM", { filename: "d" }), "OK").mtime, MTIME);
  is(await alice.ask("MFMT", { filename: "/", mtime: MTIME }), "PERMISSION_DENIED");
  const [first, last] = [-62_135_596_800_000, 253_402_300_799_999];
  for (const mtime of [2 ** 53, -(2 ** 53), 1.5, "1"]) {
    names(await alice.ask("MFMT", { filename: "d/a", mtime }), "mtime");
    names(await alice.upload("d/b", "x", { mtime }), "mtime");
  }
  is(await alice.ask("SIZE", { filename: "d/b" }), "FILE_NOT_FOUND");
  // A time that the disk cannot hold becomes the nearest; the reply contains it.
  for (const mtime of [first, last, 2 ** 53 - 1, 1 - 2 ** 53]) {
    const uploaded = is(await alice.upload("d/c", "c", { mtime, if_exists: "overwrite" }), "OK");
    const set = is(await alice.ask("MFMT", { filename: "d/a", mtime }), "OK", 213);
    for (const [filename, reported] of [["d/a", set], ["d/c", uploaded]] as const) {
      const stat = is(await alice.ask("STAT", { filename }), "OK");
      assertStrictEquals(stat.mtime, reported.mtime);
      assert(mtime < 0 ? Number(stat.mtime) < -2e12 : Number(stat.mtime) > 2e12, filename);
      assertNotEquals(stat.hash, null, "it is known without being hashed again");
      assertMatch(String(is(await alice.ask("MDTM", { filename }), "OK").mdtm), /^\d{14}$/);
    }
  }
});

holds("VERSIONS lists all of a family from any of its names", async ({ alice }) => {
  for (const content of ["1", "22", "333"]) {
    is(await alice.upload("d/a.txt", content, { make_dirs: true, mtime: MTIME }), "OK");
  }
  await alice.upload("d/ab.txt", "x");
  await alice.upload("d/a.md", "x");
  await alice.ask("MKD", { path: "d/a_v9.txt" });
  const expected = ["a.txt", "a_v2.txt", "a_v3.txt"].map((name, index) => ({
    filename: `/d/${name}`,
    version: index + 1,
    size: index + 1,
    mtime: MTIME,
    hash: sha256(String(index + 1).repeat(index + 1)),
  }));
  is(await alice.ask("CWD", { path: "d" }), "OK");
  for (const filename of ["a.txt", "a_v2.txt", "/d/a_v3.txt"]) {
    const { versions } = is(await alice.ask("VERSIONS", { filename }), "OK", 200);
    assertEquals(versions, expected);
  }
  is(await alice.ask("VERSIONS", { filename: "a_v4.txt" }), "FILE_NOT_FOUND");
});

holds(
  "WHY reports for each letter whether and by which rule it is allowed",
  async ({ server, alice }) => {
    await addAccount(server.vault, "reader", "r");
    using reader = await login(server, "reader");
    const allowed = async (client: typeof alice, path: string) => {
      const why = is(await client.ask("WHY", { path }), "OK", 200);
      const letters = why.letters as { letter: string; allowed: boolean; rule: string }[];
      assertEquals(letters.map(({ letter }) => letter).join(""), "rwcdt");
      for (const { rule } of letters) assert(rule.length > 5);
      const yes = letters.filter((entry) => entry.allowed).map(({ letter }) => letter).join("");
      return [why.path, yes];
    };
    assertEquals(await allowed(alice, "x/../any"), ["/any", "rwcd"]);
    assertEquals(await allowed(reader, "any"), ["/any", "r"]);
    const [, atRoot] = await allowed(alice, "/");
    assert(!atRoot!.toString().includes("w") && !atRoot!.toString().includes("d"));
    assertEquals(await allowed(alice, "/shared/bob/x"), ["/shared/bob/x", ""]);
    is(await alice.ask("WHY", { path: "../x" }), "PERMISSION_DENIED");
    is(await alice.ask("WHY", { path: "a\u0000" }), "BAD_NAME");
    assertEquals(await namesIn(alice), []);
  },
);
