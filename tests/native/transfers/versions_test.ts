/** PROTOCOL, "Upload": `if_exists` and the numbering of versions, in every corner. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { holds, holdsOnDisk, is, login, namesIn, onDisk } from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";

/** Uploads, and returns its name and version. */
async function put(
  client: RawClient,
  filename: string,
  content = "content",
  data: Record<string, unknown> = {},
): Promise<[string, number]> {
  const done = is(await client.upload(filename, content, data), "OK", 226);
  return [done.filename as string, done.version as number];
}

for (
  const [plain, second, third] of [
    ["report.txt", "report_v2.txt", "report_v3.txt"],
    ["a.tar.gz", "a.tar_v2.gz", "a.tar_v3.gz"],
    [".profile", ".profile_v2", ".profile_v3"],
    ["notes", "notes_v2", "notes_v3"],
    ["ends with a dot.", "ends with a dot._v2", "ends with a dot._v3"],
    [".a.b", ".a_v2.b", ".a_v3.b"],
    ["x_v1.txt", "x_v1_v2.txt", "x_v1_v3.txt"],
    ["x_v02.txt", "x_v02_v2.txt", "x_v02_v3.txt"],
    ["_v2", "_v2_v2", "_v2_v3"],
    ["é.é", "é_v2.é", "é_v3.é"],
  ] as const
) {
  holds(`versions of "${plain}" are "${second}", "${third}"`, async ({ alice }) => {
    assertEquals(await put(alice, plain, "1"), [`/${plain}`, 1]);
    assertEquals(await put(alice, plain, "2"), [`/${second}`, 2]);
    assertEquals(await put(alice, plain, "3", { if_exists: "version" }), [`/${third}`, 3]);
    assertEquals(await put(alice, second, "4"), [`/${third.replace("3", "4")}`, 4]);
    const { versions } = is(await alice.ask("VERSIONS", { filename: plain }), "OK", 200);
    const found = (versions as Record<string, unknown>[]).map((
      { version, hash },
    ) => [version, hash]);
    assertEquals(found, [1, 2, 3, 4].map((n) => [n, sha256(String(n))]));
  });
}

holds(
  "the number is one more than the highest in use, whichever upload named it",
  async ({ alice }) => {
    await put(alice, "x.txt");
    assertEquals(await put(alice, "x_v7.txt"), ["/x_v7.txt", 7]);
    assertEquals(await put(alice, "x.txt"), ["/x_v8.txt", 8]);
    is(await alice.ask("DELE", { filename: "x_v8.txt" }), "OK");
    assertEquals(await put(alice, "x.txt"), ["/x_v8.txt", 8]);
    is(await alice.ask("MKD", { path: "x_v20.txt" }), "OK");
    assertEquals(await put(alice, "x.txt"), ["/x_v21.txt", 21]);
    await put(alice, "x.md");
    assertEquals(await put(alice, "x.md"), ["/x_v2.md", 2]);
  },
);

holds("where the plain name is free it is taken, with any files beside it", async ({ alice }) => {
  for (const name of ["x_v2.txt", "x_v5.txt"]) await put(alice, name);
  assertEquals(await put(alice, "x.txt"), ["/x.txt", 1]);
  assertEquals(await put(alice, "x_v5.txt"), ["/x_v6.txt", 6]);
  assertEquals(await put(alice, "x_v3.txt"), ["/x_v3.txt", 3]); // free: it is taken too
});

holdsOnDisk(
  "links, pipes and the highest number there is do not hold others up",
  async ({ server, alice }) => {
    using other = await login(server);
    await put(alice, "x");
    await Deno.symlink("/etc/passwd", onDisk(server, "x_v2"));
    assertEquals(await put(alice, "x"), ["/x_v3", 3]);
    await put(alice, "y");
    assertStrictEquals(
      (await put(alice, `y_v${Number.MAX_SAFE_INTEGER}`))[1],
      Number.MAX_SAFE_INTEGER,
    );
    is(await alice.upload("y", "content"), "BAD_NAME", 553);
    is(await other.upload("z", "content"), "OK", 226);
    assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
  },
);

holds("a version name over 255 bytes is BAD_NAME", async ({ alice }) => {
  const name = "x".repeat(251) + ".txt";
  is(await alice.upload(name, "1"), "OK", 226);
  is(await alice.upload(name, "2"), "BAD_NAME", 553);
  is(await alice.upload(name, "3", { overwrite: true }), "OK", 226);
  assertEquals(await namesIn(alice), [name]);
});

holds("overwrite replaces; overwrite: true means the same", async ({ alice }) => {
  await put(alice, "a.txt", "1");
  const ways = [{ if_exists: "overwrite" }, { overwrite: true }];
  for (const [index, data] of ways.entries()) {
    assertEquals(await put(alice, "a.txt", `new ${index}`, data), ["/a.txt", 1]);
    const { hash } = is(await alice.ask("HASH", { filename: "a.txt" }), "OK");
    assertEquals(hash, sha256(`new ${index}`));
  }
  assertEquals(await put(alice, "fresh.txt", "1", { overwrite: true }), ["/fresh.txt", 1]);
  assertEquals(await put(alice, "a.txt", "2", { overwrite: false }), ["/a_v2.txt", 2]);
});

holds(
  "fail fails at once where the name is taken, and at the end where it came to be",
  async ({ server, alice }) => {
    using other = await login(server);
    const fail = { if_exists: "fail" };
    assertEquals(await put(alice, "a", "1", fail), ["/a", 1]);
    is(await alice.ask("UPLOAD", { filename: "a", ...fail }), "ALREADY_EXISTS", 550);
    is(await alice.ask("UPLOAD", { filename: "b", ...fail }), "OK", 150);
    await put(other, "b", "2");
    await alice.send("END");
    is(await alice.reply(), "ALREADY_EXISTS", 550);
    assertEquals(is(await alice.ask("HASH", { filename: "b" }), "OK").hash, sha256("2"));
    assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
  },
);

holds("skip sends nothing where the newest content is this, else as version", async ({ alice }) => {
  const skip = (content: string) =>
    alice.ask("UPLOAD", {
      filename: "a.txt",
      if_exists: "skip",
      file_size: content.length,
      file_hash: sha256(content),
    });
  const sent = async (content: string) => {
    is(await skip(content), "OK", 150);
    await alice.data(content);
    return is(await alice.reply(), "OK", 226).filename;
  };
  const skipped = async (content: string, filename: string) => {
    const hash = sha256(content);
    const expected = { ready: false, skipped: true, filename, hash };
    assertEquals(is(await skip(content), "OK", 200), expected);
  };
  assertEquals(await sent("one"), "/a.txt");
  await skipped("one", "/a.txt");
  assertEquals(await sent("two"), "/a_v2.txt");
  await skipped("two", "/a_v2.txt");
  assertEquals(await sent("one"), "/a_v3.txt"); // not the newest any more
  await skipped("one", "/a_v3.txt");
  is(await alice.ask("NOOP"), "OK", 200);
});

holds(
  "a name that was taken while the upload ran gets the next version",
  async ({ server, alice }) => {
    using other = await login(server);
    const ready = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
    assertEquals(ready.filename, "/a"); // the path asked for
    await put(other, "a", "1");
    await alice.data("2");
    await alice.send("END");
    assertEquals(is(await alice.reply(), "OK", 226).filename, "/a_v2");
  },
);

holds(
  "50 connections upload one name at once: 50 versions, none lost",
  async ({ server, alice }) => {
    const COUNT = 50;
    const clients = await Promise.all(Array.from({ length: COUNT }, () => login(server)));
    const done = await Promise.all(clients.map(async (client, index) => {
      const content = `content of client ${index}`;
      const data = is(await client.upload("dir/one.txt", content, { make_dirs: true }), "OK", 226);
      assertEquals(data.hash, sha256(content));
      client.close();
      return data;
    }));
    const numbers = done.map(({ version }) => version as number).sort((a, b) => a - b);
    assertEquals(numbers, Array.from({ length: COUNT }, (_, index) => index + 1));
    const { versions } = is(await alice.ask("VERSIONS", { filename: "dir/one.txt" }), "OK");
    assertEquals(
      new Set((versions as { hash: string }[]).map(({ hash }) => hash)),
      new Set(done.map(({ hash }) => hash as string)),
    );
    for (const { filename, hash } of done) {
      const { content } = await alice.download(filename as string);
      assertEquals(sha256(content), hash);
    }
  },
);

holdsOnDisk(
  "VERSIONS and PARTS list as many entries as a frame takes, and report that there are more",
  async (bench) => {
    const { server, alice } = bench;
    const long = "n".repeat(240);
    is(await alice.upload(long, ""), "OK", 226);
    for (let version = 2; version < 3000; version++) {
      Deno.writeTextFileSync(onDisk(server, `${long}_v${version}`), "");
    }
    const found = is(await alice.ask("VERSIONS", { filename: long }), "OK");
    const numbers = (found.versions as { version: number }[]).map(({ version }) => version);
    assert(numbers.length > 1000 && found.truncated === true);
    assertEquals(numbers.slice(0, 3), [1, 2, 3]);

    const uploads = 2700;
    for (let begun = 0; begun < uploads; begun += 50) {
      for (let more = 0; more < 50; more++) {
        const filename = `${"p".repeat(240)}${begun + more}`;
        await alice.send("UPLOAD", { filename, pipelined: true });
        await alice.send("ABOR");
      }
      for (let more = 0; more < 50; more++) {
        is(await alice.reply(), "ABORTED");
        is(await alice.reply(), "OK", 226);
      }
    }
    const { parts, truncated } = is(await alice.ask("PARTS"), "OK");
    assert((parts as unknown[]).length > 1000 && truncated === true);
  },
);
