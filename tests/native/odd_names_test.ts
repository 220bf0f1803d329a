/** Names that other programs put into the tree, and what is neither file nor directory. */
import { assertEquals, assertMatch } from "@std/assert";
import { holdsOnDisk, is, namesIn, onDisk } from "../support/native.ts";
import { mkdirRaw, mkfifo, writeRaw } from "../support/machine/odd_names.ts";
import { uploadsIn } from "../support/vault.ts";

const NFC = "caf\u00e9";
const NFD = NFC.normalize("NFD");

holdsOnDisk(
  "a decomposed name is one file, found by any of its spellings",
  async (bench) => {
    const { server, alice } = bench;
    await Deno.mkdir(onDisk(server, NFD));
    await Deno.writeTextFile(onDisk(server, `${NFD}/${NFD}.txt`), "one");
    assertEquals(await namesIn(alice), [NFC]);
    assertEquals(await namesIn(alice, NFC), [`${NFC}.txt`]);
    for (const filename of [`/${NFC}/${NFC}.txt`, `/${NFD}/${NFD}.txt`]) {
      is((await alice.download(filename)).final, "OK", 226);
      assertEquals(is(await alice.ask("SIZE", { filename }), "OK").size, 3);
    }
    const filename = `/${NFC}/${NFC}.txt`;
    const version = is(await alice.upload(filename, "two"), "OK");
    assertEquals(version.filename, `/${NFC}/${NFC}_v2.txt`);
    is(await alice.upload(filename, "three", { if_exists: "overwrite" }), "OK");
    assertEquals(await namesIn(alice, NFC), [`${NFC}.txt`, `${NFC}_v2.txt`]);
    assertEquals(await Deno.readTextFile(onDisk(server, `${NFD}/${NFD}.txt`)), "three");
    is(await alice.ask("MFMT", { filename, mtime: 1000 }), "OK");
    is(await alice.ask("RENAME", { from: filename, to: "/x" }), "OK");
    is(await alice.ask("RENAME", { from: `/${NFC}`, to: "/plain" }), "OK");
    is(await alice.ask("DELE", { filename: `/plain/${NFC}_v2.txt` }), "OK");
    is(await alice.ask("RMD", { path: "/plain" }), "OK");
    assertEquals(await namesIn(alice), ["x"]);
  },
);

holdsOnDisk("a name with control characters is escaped, and works as any other", async (bench) => {
  const { server, alice } = bench;
  await Deno.mkdir(onDisk(server, "d\r\n"));
  await Deno.writeTextFile(onDisk(server, "d\r\n/new\nline"), "odd");
  assertEquals(await namesIn(alice), ["d%0D%0A"]);
  assertEquals(await namesIn(alice, "d%0D%0A"), ["new%0Aline"]);
  const filename = "/d%0D%0A/new%0Aline";
  assertEquals(is((await alice.download(filename)).head, "OK", 150).file_size, 3);
  is(await alice.ask("COPY", { from: filename, to: "/copy" }), "OK");
  is(await alice.ask("RENAME", { from: filename, to: "/plain" }), "OK");
  is(await alice.ask("RENAME", { from: "/plain", to: "/d%0D%0A/back" }), "OK");
  assertEquals(await Deno.readTextFile(onDisk(server, "d\r\n/back")), "odd");
  is(await alice.ask("RMD", { path: "/d%0D%0A", recursive: true }), "OK");
  await Deno.writeTextFile(onDisk(server, "..."), "dots");
  await Deno.writeTextFile(onDisk(server, "shared"), "reserved");
  assertEquals(await namesIn(alice), ["%2E..", "%73hared", "copy"]);
  is(await alice.ask("RENAME", { from: "/%73hared", to: "/mine" }), "OK");
  is(await alice.ask("DELE", { filename: "/%2E.." }), "OK");
  assertEquals(await namesIn(alice), ["copy", "mine"]);
});

holdsOnDisk(
  "an entry whose name is not UTF-8 is listed, reported and removed with its directory",
  async ({
    server,
    alice,
  }) => {
    await Deno.mkdir(onDisk(server, "d/sub"), { recursive: true });
    await Deno.writeTextFile(onDisk(server, "d/good"), "good");
    writeRaw(onDisk(server, "d"), "caf\\351");
    mkdirRaw(onDisk(server, "d/sub"), "\\377");
    const data = is(await alice.ask("LIST", { path: "d", recursive: true }), "OK");
    const entries = data.entries as { name: string; type: string; hash: unknown }[];
    assertEquals(entries.map(({ name }) => name), ["caf\ufffd", "good", "sub", "sub/\ufffd"]);
    assertEquals((data.left_out as { name: string }[]).map(({ name }) => name), ["sub/\ufffd"]);
    const filename = "d/caf\ufffd";
    is((await alice.download(filename)).head, "BAD_NAME");
    is(await alice.ask("RENAME", { from: filename, to: "x" }), "BAD_NAME");
    is(await alice.ask("RENAME", { from: "d/good", to: filename, overwrite: true }), "BAD_NAME");
    for (const command of ["RNFR", "DELE", "HASH"]) {
      is(await alice.ask(command, { filename }), "BAD_NAME");
    }
    is(await alice.ask("SHAR", { filename, username: "*" }), "BAD_NAME");
    is(await alice.ask("COPY", { from: "d/good", to: filename }), "BAD_NAME");
    for (const if_exists of ["version", "overwrite", "fail"]) {
      is(await alice.upload(filename, "new", { if_exists }), "BAD_NAME");
    }
    is(await alice.ask("CWD", { path: "d/sub/\ufffd" }), "BAD_NAME");
    is(await alice.ask("RENAME", { from: "d", to: "d2" }), "OK");
    is(await alice.ask("RENAME", { from: "d2", to: "d" }), "OK");
    const found = is(await alice.ask("VERIFY", { path: "d" }), "OK");
    assertEquals([found.files, found.left_out], [1, 2]);
    const [named] = found.not_verified as Record<string, unknown>[];
    assertEquals(Object.keys(named!), ["filename", "reason"]);
    is(await alice.ask("RMD", { path: "d" }), "NOT_EMPTY");
    is(await alice.ask("RMD", { path: "d", recursive: true }), "OK");
    assertEquals([...Deno.readDirSync(onDisk(server, ""))], []);
  },
);

holdsOnDisk(
  "an upload whose name is taken by one that is not UTF-8 leaves nothing",
  async (bench) => {
    const { server, alice } = bench;
    for (const if_exists of ["overwrite", "version"]) {
      const filename = `/${if_exists}/caf\ufffd`;
      await Deno.mkdir(onDisk(server, if_exists));
      is(await alice.ask("UPLOAD", { filename, if_exists }), "OK", 150);
      await alice.data("content");
      writeRaw(onDisk(server, if_exists), "caf\\351");
      await alice.send("END", {});
      is(await alice.reply(), "BAD_NAME");
      // Its name is not held without end: the directory is listed as before.
      assertEquals(await server.disk.catalog.commitIntents(), []);
      assertEquals(await uploadsIn(server.engine), []);
      assertEquals(await namesIn(alice, if_exists), ["caf\ufffd"]);
    }
  },
);

holdsOnDisk(
  "a name is free as soon as the one that is not UTF-8 has gone",
  async ({ server, alice }) => {
    const filename = "/d/caf\ufffd";
    for (const again of ["at first", "once more"]) {
      await Deno.mkdir(onDisk(server, "d"));
      writeRaw(onDisk(server, "d"), "caf\\351");
      is(await alice.upload(filename, again), "BAD_NAME");
      is(await alice.ask("RMD", { path: "/d", recursive: true }), "OK");
      is(await alice.upload(filename, again, { make_dirs: true }), "OK");
      is(await alice.ask("RMD", { path: "/d", recursive: true }), "OK");
    }
  },
);

holdsOnDisk("a file that is replaced for too long keeps no other from a listing", async (bench) => {
  const { server, alice } = bench;
  for (const filename of ["/a", "/b"]) {
    is(await alice.upload(filename, filename), "OK");
    const file = (await server.disk.catalog.file("alice", filename))!;
    const [begun] = await server.disk.catalog.beginCommits([{
      uploadId: crypto.randomUUID(),
      owner: "alice",
      path: filename,
      replace: true,
      file: { ...file, hash: "0".repeat(64) },
      reservedBytes: 0,
      writer: null,
      holder: "a worker that hangs",
    }]);
    assertEquals(begun, "ready");
    await Deno.writeTextFile(onDisk(server, filename), "replaced");
  }
  const { entries } = is(await alice.ask("LIST", {}), "OK") as {
    entries: { name: string; hash: string | null }[];
  };
  assertEquals(entries.map(({ name, hash }) => [name, hash]), [["a", null], ["b", null]]);
});

holdsOnDisk(
  "links and pipes go with their directory, and say why it is not empty",
  async (bench) => {
    const { server, alice } = bench;
    const outside = await Deno.makeTempDir({ prefix: "towpath-outside-" });
    try {
      await Deno.writeTextFile(`${outside}/precious`, "precious");
      await Deno.mkdir(onDisk(server, "d/sub"), { recursive: true });
      await Deno.symlink(outside, onDisk(server, "d/sub/link"));
      await Deno.symlink(`${outside}/precious`, onDisk(server, "d/sub/to\nfile"));
      await Deno.symlink("/none", onDisk(server, "d/sub/dangling"));
      mkfifo(onDisk(server, "d/sub/pipe"));
      assertEquals(await namesIn(alice, "d/sub"), []);
      const refused = is(await alice.ask("RMD", { path: "d/sub" }), "NOT_EMPTY");
      assertMatch(String(refused.message), /no listing shows/);
      const found = is(await alice.ask("VERIFY", {}), "OK");
      assertEquals(found.left_out, 4);
      const named = found.not_verified as { filename: string; reason: string }[];
      assertEquals(named.map(({ filename }) => filename).sort(), [
        "/d/sub/dangling",
        "/d/sub/link",
        "/d/sub/pipe",
        "/d/sub/to%0Afile",
      ]);
      assertMatch(named.find(({ filename }) => filename.endsWith("pipe"))!.reason, /named pipe/);
      is(await alice.ask("RMD", { path: "d", recursive: true }), "OK");
      assertEquals([...Deno.readDirSync(onDisk(server, ""))], []);
      assertEquals(await Deno.readTextFile(`${outside}/precious`), "precious");
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  },
);
