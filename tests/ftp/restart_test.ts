/** REST, APPE and SIZE: what an upload goes on from, over FTP and from door to door. */
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import type { FtpClient } from "../support/ftp_client.ts";
import { ftpHolds } from "../support/ftp.ts";
import { is, KIB, login, MIB, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";

/** Leaves an unfinished upload. @returns bytes that are kept of it */
async function leave(client: FtpClient, command: string, bytes: Uint8Array): Promise<number> {
  const data = await client.begin(command);
  await data.write(bytes);
  data.cut();
  return Number(/restart at (\d+)$/.exec((await client.reply(426)).text)![1]);
}

async function sizeOf(client: FtpClient, path: string): Promise<number> {
  return Number((await client.ask(`SIZE ${path}`, 213)).text.slice(4));
}

const text = async (client: FtpClient, path: string) =>
  (await client.retrieve(`RETR ${path}`)).content.toString();

ftpHolds(
  "REST of a file's size goes on with the file, a smaller one within it",
  async (_, alice) => {
    await alice.store("STOR f", "12345");
    await alice.ask("REST 5", 350);
    assertMatch((await alice.store("STOR f", "678")).text, new RegExp(sha256("12345678")));
    await alice.ask("REST 2", 350);
    assertEquals((await alice.store("STOR f", "xx")).code, 226);
    assertEquals(await text(alice, "f"), "12xx");
    await alice.ask("REST 3", 350);
    assertEquals(await text(alice, "f"), "x");
    // REST counts for one transfer, and 0 takes it back.
    assertEquals(await text(alice, "f"), "12xx");
    await alice.ask("REST 3", 350);
    await alice.ask("REST 0", 350);
    assertEquals((await alice.store("STOR f", "new")).code, 226);
    assertEquals(await text(alice, "f"), "new");
    // Any number of digits is an offset, never the whole file.
    await alice.ask(`REST ${"9".repeat(40)}`, 350);
    assertMatch(String(await assertRejects(() => text(alice, "f"))), /554/);
  },
);

for (const there of ["smaller", "larger", "of the same size"] as const) {
  ftpHolds(
    `a cut upload over a file that is ${there} is what every command tells of`,
    async (bench, alice) => {
      const content = randomBytes(30 * KIB);
      const half = 15 * KIB;
      const size = { smaller: 1000, larger: 40 * KIB, "of the same size": half - 1 }[there];
      const old = randomBytes(size);
      await alice.store("STOR f", old);
      const kept = await leave(alice, "STOR f", content.subarray(0, half));
      assertEquals(kept, half - 1); // the last byte is sent again
      assertStrictEquals(await sizeOf(alice, "f"), kept);
      for (const command of ["MLST f", "STAT f"]) {
        assertMatch((await alice.ask(command)).text, new RegExp(`\\b${kept}\\b`));
      }
      for (const command of ["LIST", "LIST f", "MLSD"]) {
        assertMatch((await alice.lines(command)).join(), new RegExp(`\\b${kept}\\b`), command);
      }
      for (const command of ["HASH f", "XSHA256 f", "RNFR f"]) await alice.ask(command, 550);
      // Readers have the file until the upload is done, and the account what it had. A client that
      // asked for SIZE would take as many bytes for the file.
      using reader = await bench.login();
      assert((await reader.retrieve("RETR f")).content.equals(old));
      if (there !== "of the same size") {
        await assertRejects(() => alice.retrieve("RETR f"), Error, "550 The last SIZE");
      }
      using other = await bench.login();
      await (there === "smaller" ? other.ask("SIZE f", 213) : other.ask(`REST ${kept}`, 350));
      const command = there === "smaller" ? "APPE f" : "STOR f";
      const stored = await other.store(command, content.subarray(kept));
      assert(stored.text.includes(sha256(content)), stored.text);
      assertEquals(await sizeOf(alice, "f"), content.length);
    },
  );
}

ftpHolds(
  "an upload over a file is reported before the server has seen its client go",
  async (bench, alice) => {
    const content = randomBytes(20 * KIB);
    for (const size of [1000, content.length, 2 * content.length]) {
      const old = randomBytes(size);
      await alice.store("STOR f", old);
      using gone = await bench.login();
      const half = await gone.begin("STOR f"); // stays open, as behind a router that forgot it
      assertEquals(await sizeOf(alice, "f"), 0); // nothing came yet
      await half.write(content.subarray(0, 10 * KIB));
      let offset = 0;
      await until("it arrived", async () => (offset = await sizeOf(alice, "f")) > 9 * KIB);
      await alice.ask(`REST ${offset}`, 350);
      const stored = await alice.store("STOR f", content.subarray(offset));
      assert(stored.text.includes(sha256(content)), stored.text);
      await gone.reply(426);
      half.cut();
    }
  },
);

ftpHolds(
  "an upload over a file that was cut before its first byte is of 0 bytes",
  async (_, alice) => {
    await alice.store("STOR f", "larger than nothing");
    const data = await alice.begin("STOR f");
    data.cut();
    await alice.reply(426);
    assertEquals(await sizeOf(alice, "f"), 0);
    assertMatch((await alice.store("APPE f", "new")).text, new RegExp(sha256("new")));
    // Without a data connection nothing was begun.
    await alice.ask("STOR f", 425);
    assertEquals(await sizeOf(alice, "f"), 3);
  },
);

ftpHolds(
  "a restart continues the content that SIZE reported, or is refused where the name has other content",
  async (bench, alice) => {
    using other = await bench.login();
    await alice.store("STOR f", "old");
    // SIZE reported the file, and an upload was cut since.
    assertEquals(await sizeOf(alice, "f"), 3);
    await leave(other, "STOR f", randomBytes(10));
    assertMatch(String(await assertRejects(() => alice.store("APPE f", "more"))), /551/);
    // SIZE reported the unfinished upload, and there is another file since.
    for (const command of ["APPE f", "STOR f"]) {
      const offset = await sizeOf(alice, "f");
      await other.store("STOR f", randomBytes(20));
      if (command === "STOR f") await alice.ask(`REST ${offset}`, 350);
      assertMatch(String(await assertRejects(() => alice.store(command, "more"))), /551/);
      await leave(other, "STOR f", randomBytes(10));
    }
    // SIZE reported the file, and that is another one since.
    await other.store("STOR f", "file");
    assertEquals(await sizeOf(alice, "f"), 4);
    await other.store("STOR f", "other");
    assertMatch(String(await assertRejects(() => alice.store("APPE f", "more"))), /551/);
    // An append that was cut is continued where SIZE tells, and not by one that may repeat it.
    await leave(other, "APPE f", randomBytes(10));
    assertMatch(String(await assertRejects(() => alice.store("APPE f", "more"))), /554/);
    assertEquals(await sizeOf(alice, "f"), 5 + 9);
    await alice.store("APPE f", "end");
    assertEquals(await sizeOf(alice, "f"), 5 + 9 + 3);
  },
);

ftpHolds("an upload that was cut behind its last byte is not taken for done", async (_, alice) => {
  await alice.store("STOR f", "old");
  const content = randomBytes(1000);
  await leave(alice, "STOR f", content);
  const size = await sizeOf(alice, "f");
  assert(size < content.length);
  const stored = await alice.store("APPE f", content.subarray(size));
  assert(stored.text.includes(sha256(content)), stored.text);
});

ftpHolds(
  "a newer file is listed at its name, and DELE takes a cut upload along",
  async (_, alice) => {
    await leave(alice, "STOR f", randomBytes(10));
    await alice.store("STOR f", "new");
    assertEquals(await sizeOf(alice, "f"), 3);
    await alice.store("APPE f", "er");
    assertEquals(await text(alice, "f"), "newer");
    await leave(alice, "STOR f", randomBytes(10));
    assertEquals(await sizeOf(alice, "f"), 9);
    await alice.ask("DELE f", 250);
    await alice.ask("SIZE f", 550);
    await alice.ask("DELE f", 550);
  },
);

ftpHolds("APPE appends; where there is no file it continues the own part", async (_, alice) => {
  await alice.store("APPE f", "one");
  await alice.store("APPE f", "two");
  assertEquals(await text(alice, "f"), "onetwo");
  const content = randomBytes(700 * KIB);
  const kept = await leave(alice, "STOR g", content.subarray(0, 300 * KIB));
  assertStrictEquals(await sizeOf(alice, "g"), kept);
  const stored = await alice.store("APPE g", content.subarray(kept));
  assert(stored.text.includes(sha256(content)), stored.text);
  // Other accounts neither see nor continue it.
  assertEquals(await leave(alice, "STOR h", content.subarray(0, 100)), 99);
  await alice.ask("RETR h", 425);
  await alice.ask("MDTM h", 550);
  assertEquals((await alice.lines("NLST")).sort(), ["f", "g"]);
});

ftpHolds(
  "begun over FTP, resumed with the native protocol by name and size",
  async (bench, alice) => {
    const content = randomBytes(3 * MIB);
    const kept = await leave(alice, "STOR big", content.subarray(0, 2 * MIB));
    using native = await login(bench.server);
    const parts = is(await native.ask("PARTS"), "OK").parts as {
      filename: string;
      offset: number;
    }[];
    assertEquals(parts.map(({ filename, offset }) => [filename, offset]), [["/big", kept + 1]]);
    const begun = is(
      await native.ask("RESUME", { filename: "/big", file_size: content.length }),
      "OK",
    );
    assertEquals(begun.offset, kept + 1);
    assertEquals(begun.prefix_hash, sha256(content.subarray(0, kept + 1)));
    await native.data(content.subarray(kept + 1));
    await native.send("END", { file_hash: sha256(content) });
    assertEquals(is(await native.reply(), "OK").hash, sha256(content));
    assert((await alice.retrieve("RETR big")).content.equals(content));
  },
);

ftpHolds(
  "begun with the native protocol, resumed over FTP; its checksum still counts",
  async (bench, alice) => {
    const content = randomBytes(3 * MIB);
    const begin = async (filename: string) => {
      using native = await login(bench.server);
      const announced = { file_size: content.length, file_hash: sha256(content) };
      is(await native.ask("UPLOAD", { filename, ...announced }), "OK");
      await native.data(content.subarray(0, MIB));
      is(await native.ask("ABOR"), "ABORTED");
    };
    await begin("/right");
    assertStrictEquals(await sizeOf(alice, "right"), MIB);
    await alice.ask(`REST ${MIB}`, 350);
    const stored = await alice.store("STOR right", content.subarray(MIB));
    assert(stored.text.includes(sha256(content)), stored.text);
    await begin("/other");
    await alice.ask(`REST ${MIB}`, 350);
    assertEquals((await alice.store("STOR other", randomBytes(2 * MIB))).code, 551);
    await alice.ask("SIZE other", 550);
  },
);

ftpHolds("REST takes an upload from a connection that still holds it", async (bench, alice) => {
  const content = randomBytes(2 * MIB);
  const half = await alice.begin("STOR f");
  await half.write(content.subarray(0, MIB + MIB / 2));
  using other = await bench.login();
  let offset = 0;
  while (offset < MIB + 1) {
    const size = await other.ask("SIZE f");
    if (size.code === 213) offset = Number(size.text.slice(4));
  }
  await other.ask(`REST ${MIB}`, 350);
  const stored = await other.store("STOR f", content.subarray(MIB));
  assert(stored.text.includes(sha256(content)), stored.text);
  await alice.reply(426);
  half.cut();
});

ftpHolds(
  "keep: the name has the new content, the old becomes the next version",
  async (bench, alice) => {
    for (const content of ["one", "two", "two", "three"]) await alice.store("STOR f.txt", content);
    await alice.store("APPE f.txt", "!");
    assertEquals(await alice.lines("NLST"), ["f.txt", "f_v2.txt", "f_v3.txt", "f_v4.txt"]);
    const found = [];
    for (const name of await alice.lines("NLST")) found.push(await text(alice, name));
    // Content stored twice is kept once.
    assertEquals(found, ["three!", "one", "two", "three"]);
    assertMatch((await alice.ask("SITE VERSIONS f.txt", 211)).text, / 2 3 .* \/f_v2\.txt/);
    const used = /used (\d+)/.exec((await alice.ask("SITE QUOTA", 211)).text)![1];
    assertEquals(Number(used), 6 + 3 + 3 + 5);
    // Old and new must fit together.
    await bench.server.catalog.updateAccount("alice", { quotaBytes: 20 });
    assertEquals((await alice.store("STOR f.txt", "12345")).code, 552);
    assertEquals(await text(alice, "f.txt"), "three!");
  },
  { ftp: { overwrite: "keep" } },
);
