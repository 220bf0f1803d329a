/** PROTOCOL, "Upload": the steps of one upload, in every variant, one at a time. */
import { assertEquals, assertMatch } from "@std/assert";
import { holds, is, login, MIB, names, namesIn, randomBytes } from "../../support/native.ts";
import { dataFrame, jsonFrame, sha256 } from "../../support/raw_client.ts";

holds("step 2 is a ready reply, step 5 reports the stored file and its path", async ({ alice }) => {
  await alice.ask("MKD", { path: "dir" });
  await alice.ask("CWD", { path: "dir" });
  await alice.send("UPLOAD", { filename: "a.txt", mtime: 1_234_567_890_123 }, "u");
  const ready = is(await alice.reply(), "OK", 150, "u");
  const { temp_id, ...rest } = ready;
  assertMatch(String(temp_id), /^.{8,}$/);
  const expected = { ready: true, offset: 0, chunk_size: 524_280, filename: "/dir/a.txt" };
  assertEquals(rest, expected);
  await alice.data("content");
  await alice.send("END", {}, "end");
  const { message, ...done } = is(await alice.reply(), "OK", 226, "u");
  assertEquals(typeof message, "string");
  assertEquals(done, {
    filename: "/dir/a.txt",
    size: 7,
    hash: sha256("content"),
    version: 1,
    mtime: 1_234_567_890_123,
  });
});

holds("with size and hash known it ends by itself; END may follow, once", async ({ alice }) => {
  const data = { filename: "a", file_size: 7, file_hash: sha256("content") };
  is(await alice.ask("STOR", data), "OK", 150);
  await alice.data("cont");
  await alice.data("ent");
  is(await alice.reply(), "OK", 226);
  await alice.send("END", { file_hash: data.file_hash });
  is(await alice.ask("NOOP"), "OK", 200); // no reply to END
  is(await alice.ask("STOR", data), "OK", 150);
  await alice.data("content");
  await alice.send("END");
  await alice.send("END");
  is(await alice.reply(), "OK", 226);
  is(await alice.reply(), "BAD_SEQUENCE", 503);
});

holds("a size alone does not end it", async ({ alice }) => {
  is(await alice.ask("UPLOAD", { filename: "a", file_size: 7 }), "OK", 150);
  await alice.data("content");
  is(await alice.ask("NOOP"), "BAD_SEQUENCE");
  await alice.send("END", { file_hash: sha256("content"), file_size: 7 });
  is(await alice.reply(), "OK", 226);
});

holds("a file of 0 bytes: with its hash both replies come at once", async ({ alice }) => {
  const empty = sha256("");
  is(await alice.ask("UPLOAD", { filename: "a", file_size: 0, file_hash: empty }), "OK", 150);
  assertEquals(is(await alice.reply(), "OK", 226).size, 0);
  is(await alice.ask("UPLOAD", { filename: "b", file_size: 0 }), "OK", 150);
  await alice.send("END");
  assertEquals(is(await alice.reply(), "OK", 226).hash, empty);
  is(await alice.ask("UPLOAD", { filename: "c" }), "OK", 150);
  await alice.data("");
  await alice.send("END", { file_hash: empty, file_size: 0 });
  is(await alice.reply(), "OK", 226);
  is(await alice.ask("UPLOAD", { filename: "d", file_size: 0, file_hash: sha256("x") }), "OK", 150);
  is(await alice.reply(), "CHECKSUM_FAILED", 551);
});

holds("DATA of length 0 means nothing, anywhere; 1 MiB is allowed", async ({ alice }) => {
  await alice.raw(dataFrame(""));
  is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
  const content = randomBytes(MIB);
  for (const bytes of [new Uint8Array(0), content, new Uint8Array(0)]) {
    await alice.raw(dataFrame(bytes));
  }
  await alice.send("END", { file_hash: sha256(content) });
  await alice.raw(dataFrame(""));
  is(await alice.reply(), "OK", 226);
  await alice.raw(dataFrame(""));
  is(await alice.ask("NOOP"), "OK");
});

holds("the file is invisible under its name before it is done", async ({ server, alice }) => {
  using other = await login(server);
  is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
  await alice.data("content");
  is(await other.ask("SIZE", { filename: "a" }), "FILE_NOT_FOUND");
  assertEquals(await namesIn(other), []);
  await alice.send("END");
  is(await alice.reply(), "OK", 226);
  assertEquals(is(await other.ask("SIZE", { filename: "a" }), "OK", 213).size, 7);
});

holds(
  "any other request is answered with BAD_SEQUENCE at once, and the upload goes on",
  async ({ alice }) => {
    await alice.send("UPLOAD", { filename: "a" }, 1);
    is(await alice.reply(), "OK", 150, 1);
    await alice.data("con");
    for (const command of ["NOOP", "UPLOAD", "RESUME", "QUIT", "AUTH", "NOSUCH", "LIST"]) {
      await alice.send(command, { filename: "b" }, command);
      is(await alice.reply(), "BAD_SEQUENCE", 503, command);
    }
    await alice.raw(new Uint8Array([...jsonFrame([]), ...dataFrame("tent")]));
    is(await alice.reply(), "BAD_REQUEST");
    await alice.send("END", { file_hash: "short" }, 3);
    is(await alice.reply(), "BAD_REQUEST", 501, 3);
    await alice.send("END", { file_hash: sha256("content") }, 4);
    is(await alice.reply(), "OK", 226, 1);
    assertEquals(await namesIn(alice), ["a"]);
  },
);

holds(
  "wrong, missing and other bytes at the end: CHECKSUM_FAILED, nothing is kept",
  async ({ alice }) => {
    const right = sha256("content");
    const attempts: [Record<string, unknown>, string, Record<string, unknown>][] = [
      [{ file_size: 7, file_hash: right }, "contenT", {}],
      [{ file_size: 7, file_hash: right }, "cont", {}],
      [{ file_size: 7 }, "cont", {}],
      [{ file_hash: right }, "contents", {}],
      [{}, "contenT", { file_hash: right }],
      [{}, "content", { file_size: 8 }],
      [{ file_hash: right }, "content", { file_hash: sha256("other") }],
    ];
    for (const [start, sent, end] of attempts) {
      is(await alice.ask("UPLOAD", { filename: "a", ...start }), "OK", 150);
      await alice.data(sent);
      await alice.send("END", end);
      const data = is(await alice.reply(), "CHECKSUM_FAILED", 551);
      assertEquals(data.actual, sha256(sent));
      if (start.file_hash || end.file_hash) assertMatch(String(data.expected), /^[0-9a-f]{64}$/);
    }
    assertEquals(await namesIn(alice), []);
    assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
  },
);

holds(
  "more bytes than announced: BAD_REQUEST at once, the rest is thrown away",
  async ({ alice }) => {
    for (const extra of [{}, { file_hash: sha256("content") }]) {
      is(await alice.ask("UPLOAD", { filename: "a", file_size: 7, ...extra }), "OK", 150);
      await alice.data("con");
      await alice.data("tents");
      is(await alice.reply(), "BAD_REQUEST", 501); // before END
      await alice.data("more");
      await alice.send("END");
      is(await alice.ask("NOOP"), "OK", 200);
    }
    assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
    assertEquals(await namesIn(alice), []);
  },
);

holds("DATA and END where no upload came before them are BAD_SEQUENCE", async ({ alice }) => {
  await alice.data("stray");
  is(await alice.reply(), "BAD_SEQUENCE", 503);
  await alice.send("END", {}, 5);
  is(await alice.reply(), "BAD_SEQUENCE", 503, 5);
  await alice.raw(dataFrame(randomBytes(MIB))); // one reply, in however many pieces it is read
  is(await alice.reply(), "BAD_SEQUENCE", 503);
  is(await alice.ask("UPLOAD", { filename: "/none/a" }), "FILE_NOT_FOUND");
  await alice.data("stray");
  is(await alice.reply(), "BAD_SEQUENCE", 503);
  is(await alice.ask("NOOP"), "OK");
});

holds(
  "DATA and END after an upload that ended and another JSON frame are BAD_SEQUENCE",
  async ({ alice }) => {
    const known = { filename: "a", file_size: 7, file_hash: sha256("content") };
    for (const between of ["NOOP", "NOSUCH", "SIZE"]) {
      is(await alice.ask("UPLOAD", known), "OK", 150);
      await alice.data("content");
      await alice.data("more"); // right behind it: thrown away
      is(await alice.reply(), "OK", 226);
      await alice.ask(between);
      await alice.data("stray");
      is(await alice.reply(), "BAD_SEQUENCE");
      await alice.send("END");
      is(await alice.reply(), "BAD_SEQUENCE");
    }
  },
);

holds("parents: missing, made, a file; a directory of the name", async ({ alice }) => {
  is(await alice.ask("UPLOAD", { filename: "x/y/a" }), "FILE_NOT_FOUND");
  is(await alice.upload("x/y/a", "1", { make_dirs: true }), "OK", 226);
  is(await alice.upload("x/y/b", "2", { make_dirs: true }), "OK", 226);
  for (const make_dirs of [false, true]) {
    is(await alice.ask("UPLOAD", { filename: "x/y/a/b", make_dirs }), "NOT_A_DIRECTORY");
    is(await alice.ask("UPLOAD", { filename: "x/y/a/b/c", make_dirs }), "NOT_A_DIRECTORY");
    is(await alice.ask("UPLOAD", { filename: "x/y", make_dirs }), "IS_A_DIRECTORY");
    is(await alice.ask("APPE", { filename: "x/y", make_dirs }), "IS_A_DIRECTORY");
    is(await alice.ask("UPLOAD", { filename: "/", make_dirs }), "PERMISSION_DENIED");
    is(await alice.ask("UPLOAD", { filename: "shared", make_dirs }), "PERMISSION_DENIED");
    is(await alice.ask("UPLOAD", { filename: "/shared/bob", make_dirs }), "PERMISSION_DENIED");
    is(await alice.ask("UPLOAD", { filename: "/shared/bob/a", make_dirs }), "FILE_NOT_FOUND");
  }
});

holds("skip needs size and hash", async ({ alice }) => {
  const skip = { filename: "a", if_exists: "skip" };
  is(await alice.ask("UPLOAD", skip), "BAD_REQUEST");
  is(await alice.ask("UPLOAD", { ...skip, file_size: 5 }), "BAD_REQUEST");
  is(await alice.ask("UPLOAD", { ...skip, file_hash: sha256("") }), "BAD_REQUEST");
  names(await alice.ask("UPLOAD", { ...skip, file_size: -1 }), "file_size");
});

holds("APPE appends; others see the old content until it is done", async ({ server, alice }) => {
  using other = await login(server);
  is(await alice.upload("log", "one,"), "OK", 226);
  const ready = is(await alice.ask("APPE", { filename: "log" }), "OK", 150);
  assertEquals(ready.offset, 4);
  await alice.data("two,");
  assertEquals(new TextDecoder().decode((await other.download("log")).content), "one,");
  await alice.send("END", { file_hash: sha256("one,two,"), file_size: 8 });
  const done = is(await alice.reply(), "OK", 226);
  assertEquals([done.size, done.hash, done.version], [8, sha256("one,two,"), 1]);
  const whole = { filename: "log", file_size: 10, file_hash: sha256("one,two,3,") };
  is(await alice.ask("APPE", whole), "OK", 150);
  await alice.data("3,"); // ends by itself
  is(await alice.reply(), "OK", 226);
  is(await alice.ask("APPE", { filename: "log", file_size: 9 }), "BAD_REQUEST");
  is(await alice.ask("APPE", { filename: "log" }), "OK", 150);
  await alice.data("4,");
  await alice.send("END", { file_hash: sha256("4,") }); // the hash is of the whole result
  is(await alice.reply(), "CHECKSUM_FAILED");
  assertEquals(new TextDecoder().decode((await other.download("log")).content), "one,two,3,");
  assertEquals(await namesIn(alice), ["log"]);
});

holds(
  "APPE to a missing file creates it; a file changed meanwhile is not overwritten",
  async ({ server, alice }) => {
    using other = await login(server);
    const ready = is(await alice.ask("APPE", { filename: "new" }), "OK", 150);
    assertEquals(ready.offset, 0);
    await alice.data("1");
    await alice.send("END");
    is(await alice.reply(), "OK", 226);
    is(await alice.ask("APPE", { filename: "new" }), "OK", 150);
    await alice.data("2");
    is(await other.upload("new", "other", { overwrite: true }), "OK", 226);
    await alice.send("END");
    is(await alice.reply(), "FILE_CHANGED", 551);
    assertEquals(new TextDecoder().decode((await other.download("new")).content), "other");
    is(await alice.ask("APPE", { filename: "no/such" }), "FILE_NOT_FOUND");
  },
);
