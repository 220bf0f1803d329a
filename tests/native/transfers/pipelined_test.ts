/** PROTOCOL, "Upload" with `pipelined: true`: data is sent ahead, one final reply says all. */
import { assertEquals } from "@std/assert";
import { holds, is, KIB, login, MIB, namesIn, randomBytes } from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";

/** An upload that is refused, too large to be carried along until its END. */
const LARGE = { filename: "/none/a", file_size: 2 * MIB, pipelined: true };

/** Sends a whole upload without waiting for anything. */
async function sendAhead(
  client: RawClient,
  id: number,
  data: Record<string, unknown>,
  content: Uint8Array | string = "content",
  end: Record<string, unknown> = {},
): Promise<void> {
  await client.send("UPLOAD", { pipelined: true, ...data }, id);
  await client.data(content);
  await client.send("END", end, `end of ${id}`);
}

holds("accepted: step 2's reply is left out, END always comes", async ({ alice }) => {
  const hash = sha256("content");
  await sendAhead(alice, 1, { filename: "a" });
  await sendAhead(alice, 2, { filename: "b", file_size: 7 }, "content", { file_hash: hash });
  await sendAhead(alice, 3, { filename: "c", file_size: 7, file_hash: hash });
  await sendAhead(alice, 4, { filename: "d", file_size: 0, file_hash: sha256("") }, "");
  await alice.send("NLST", {}, 5);
  for (const id of [1, 2, 3, 4]) is(await alice.reply(), "OK", 226, id);
  assertEquals(is(await alice.reply(), "OK", 200, 5).names, ["a", "b", "c", "d"]);
});

holds("a directory that was removed or renamed a moment ago is made again", async ({ alice }) => {
  const ahead = { file_size: 7, make_dirs: true };
  await sendAhead(alice, 1, { filename: "d/e/a", ...ahead });
  is(await alice.reply(), "OK", 226, 1);
  await alice.ask("RMD", { path: "d", recursive: true });
  for (const id of [2, 3]) await sendAhead(alice, id, { filename: `d/e/${id}`, ...ahead });
  for (const id of [2, 3]) is(await alice.reply(), "OK", 226, id);
  await alice.ask("RENAME", { from: "d", to: "renamed" });
  await sendAhead(alice, 4, { filename: "d/e/4", ...ahead });
  is(await alice.reply(), "OK", 226, 4);
  assertEquals([await namesIn(alice, "renamed/e"), await namesIn(alice, "d/e")], [["2", "3"], [
    "4",
  ]]);
});

holds(
  "refused, skipped, failing: data is thrown away to its END, each has one reply",
  async ({ alice }) => {
    const hash = sha256("content");
    const known = { file_size: 7, file_hash: hash };
    await alice.upload("have", "content");
    await alice.ask("MKD", { path: "dir" });
    const big = randomBytes(600 * KIB);
    await sendAhead(alice, 1, { filename: "/none/a" }, big);
    await sendAhead(alice, 2, { filename: "have", if_exists: "skip", ...known });
    await sendAhead(alice, 3, { filename: "good1" });
    await sendAhead(alice, 4, { filename: "have", if_exists: "fail" }, big);
    await sendAhead(alice, 5, { filename: "dir" });
    await sendAhead(alice, 6, { filename: "bad\u0000name" });
    await sendAhead(alice, 7, { filename: 7 }); // malformed, and its data comes all the same
    await sendAhead(alice, 8, { filename: "a", file_size: "7" }, big);
    await sendAhead(alice, 9, { filename: "a", file_size: 3 }, big); // fails half-way
    await sendAhead(alice, 10, { filename: "a", ...known }, "contenT");
    await sendAhead(alice, 11, { filename: "a", if_exists: "skip" });
    await sendAhead(alice, 12, { filename: "a", ...known }, "cont");
    await sendAhead(alice, 13, { filename: "" });
    await sendAhead(alice, 14, { filename: "none/a", if_exists: "nonsense" }, "", { file_hash: 5 });
    await sendAhead(alice, 15, { filename: "good2" }, big, { file_hash: sha256(big) });
    await alice.send("NLST", {}, 16);
    is(await alice.reply(), "FILE_NOT_FOUND", 550, 1);
    const skipped = is(await alice.reply(), "OK", 200, 2);
    assertEquals(skipped, { ready: false, skipped: true, filename: "/have", hash });
    is(await alice.reply(), "OK", 226, 3);
    is(await alice.reply(), "ALREADY_EXISTS", 550, 4);
    is(await alice.reply(), "IS_A_DIRECTORY", 550, 5);
    is(await alice.reply(), "BAD_NAME", 553, 6);
    is(await alice.reply(), "BAD_REQUEST", 501, 7);
    is(await alice.reply(), "BAD_REQUEST", 501, 8);
    is(await alice.reply(), "BAD_REQUEST", 501, 9);
    is(await alice.reply(), "CHECKSUM_FAILED", 551, 10);
    is(await alice.reply(), "BAD_REQUEST", 501, 11);
    is(await alice.reply(), "CHECKSUM_FAILED", 551, 12);
    is(await alice.reply(), "BAD_NAME", 553, 13);
    is(await alice.reply(), "BAD_REQUEST", 501, 14);
    is(await alice.reply(), "OK", 226, 15);
    assertEquals(is(await alice.reply(), "OK", 200, 16).names, [
      "dir",
      "good1",
      "good2",
      "have",
    ]);
    assertEquals(is(await alice.ask("PARTS"), "OK").parts, []);
  },
);

holds("the refusal of a large upload comes before its data is sent", async ({ alice }) => {
  is(await alice.ask("UPLOAD", LARGE), "FILE_NOT_FOUND");
  await alice.data(randomBytes(MIB));
  is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // its END has not come
  await alice.data("more");
  await alice.send("END");
  is(await alice.ask("NOOP"), "OK");
});

holds("APPE goes ahead too, accepted and refused", async ({ alice }) => {
  for (const text of ["one,", "two,"]) {
    await alice.send("APPE", { filename: "log", pipelined: true }, text);
    await alice.data(text);
    await alice.send("END");
  }
  await alice.send("APPE", { filename: "/none/log", pipelined: true }, 3);
  await alice.data("three");
  await alice.send("END");
  await alice.send("HASH", { filename: "log" }, 4);
  is(await alice.reply(), "OK", 226, "one,");
  is(await alice.reply(), "OK", 226, "two,");
  is(await alice.reply(), "FILE_NOT_FOUND", 550, 3);
  assertEquals(is(await alice.reply(), "OK", 213, 4).hash, sha256("one,two,"));
});

holds(
  "one name many times: the order of the requests is the order of the versions",
  async ({ alice }) => {
    const COUNT = 20;
    for (let id = 1; id <= COUNT; id++) {
      await sendAhead(
        alice,
        id,
        { filename: "a" },
        `content ${id}`,
      );
    }
    for (let id = 1; id <= COUNT; id++) {
      const data = is(await alice.reply(), "OK", 226, id);
      assertEquals([data.version, data.hash], [id, sha256(`content ${id}`)]);
    }
  },
  { durability: "full" },
);

holds(
  "overwriting one name many times leaves the last; fail lets the first through",
  async ({ alice }) => {
    for (let id = 1; id <= 10; id++) {
      await sendAhead(alice, id, { filename: "a", if_exists: "overwrite" }, `content ${id}`);
    }
    for (let id = 11; id <= 13; id++) {
      await sendAhead(alice, id, {
        filename: "b",
        if_exists: "fail",
      });
    }
    for (let id = 1; id <= 11; id++) is(await alice.reply(), "OK", 226, id);
    for (let id = 12; id <= 13; id++) is(await alice.reply(), "ALREADY_EXISTS", 550, id);
    assertEquals(is(await alice.ask("HASH", { filename: "a" }), "OK").hash, sha256("content 10"));
    assertEquals(await namesIn(alice), ["a", "b"]);
  },
  { durability: "full" },
);

holds("hundreds of small files at full speed, none lost or mixed up", async ({ server, alice }) => {
  const COUNT = 500;
  const replies = (async () => {
    for (let id = 0; id < COUNT; id++) {
      const data = is(await alice.reply(), "OK", 226, id);
      assertEquals([data.filename, data.hash], [`/f${id}`, sha256(`content of ${id}`)]);
    }
  })();
  for (let id = 0; id < COUNT; id++) {
    await sendAhead(alice, id, { filename: `f${id}` }, `content of ${id}`);
  }
  await replies;
  using other = await login(server);
  for (let id = 0; id < COUNT; id++) await other.send("DOWNLOAD", { filename: `f${id}` }, id);
  for (let id = 0; id < COUNT; id++) {
    const { length } = is(await other.reply(), "OK", 150, id);
    const content = await other.content(length as number);
    assertEquals(new TextDecoder().decode(content), `content of ${id}`);
    is(await other.reply(), "OK", 226, id);
  }
});

holds("ABOR ends the throwing away as END does", async ({ alice }) => {
  is(await alice.ask("UPLOAD", LARGE), "FILE_NOT_FOUND");
  await alice.data("content");
  is(await alice.ask("ABOR"), "OK", 226);
  is(await alice.ask("NOOP"), "OK");
  await alice.data("stray");
  is(await alice.reply(), "BAD_SEQUENCE");
});
