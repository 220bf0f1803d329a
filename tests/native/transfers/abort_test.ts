/** PROTOCOL, "Upload" and "Finer points": `ABOR` during uploads, downloads and nothing. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import { holds, holdsOnDisk, is, login, MIB, namesIn, randomBytes } from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";

async function parts(client: RawClient): Promise<Record<string, unknown>[]> {
  return is(await client.ask("PARTS"), "OK").parts as Record<string, unknown>[];
}

holds(
  "ABOR keeps an upload for RESUME: first ABORTED with offset, then its own OK",
  async ({ alice }) => {
    await alice.send("UPLOAD", { filename: "a", file_size: 10 }, 1);
    const { temp_id } = is(await alice.reply(), "OK", 150, 1);
    await alice.data("conte");
    await alice.send("ABOR", {}, 2);
    const aborted = is(await alice.reply(), "ABORTED", 426, 1);
    assertEquals([aborted.temp_id, aborted.offset], [temp_id, 5]);
    is(await alice.reply(), "OK", 226, 2);
    const [part] = await parts(alice);
    assertEquals([part!.temp_id, part!.offset, part!.active], [temp_id, 5, false]);
    assertEquals(await namesIn(alice), []);
    await alice.data("stray");
    is(await alice.reply(), "BAD_SEQUENCE");
  },
);

holds("ABOR with discard drops the upload, whether or not it names it", async ({ alice }) => {
  for (const named of [false, true]) {
    const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
    await alice.data("conte");
    is(await alice.ask("ABOR", named ? { temp_id, discard: true } : { discard: true }), "ABORTED");
    is(await alice.reply(), "OK", 226);
    assertEquals(await parts(alice), []);
    is(await alice.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND", 550);
  }
});

holds(
  "with nothing under way ABOR is just OK; it drops an upload that it names",
  async ({ alice }) => {
    is(await alice.ask("ABOR"), "OK", 226);
    is(await alice.ask("ABOR", { discard: true }), "OK", 226);
    const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK", 226);
    is(await alice.ask("ABOR", { temp_id }), "OK", 226);
    is(await alice.ask("ABOR", { temp_id: "none" }), "OK", 226);
    assertEquals((await parts(alice)).length, 1);
    is(await alice.ask("ABOR", { temp_id, discard: true }), "OK", 226);
    is(await alice.ask("ABOR", { temp_id, discard: true }), "TRANSFER_NOT_FOUND");
    assertEquals(await parts(alice), []);
  },
);

holds("ABOR that names another upload leaves the one under way alone", async ({ alice }) => {
  const other = is(await alice.ask("UPLOAD", { filename: "other" }), "OK", 150).temp_id;
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK");
  is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
  await alice.data("con");
  is(await alice.ask("ABOR", { temp_id: other, discard: true }), "OK", 226);
  is(await alice.ask("ABOR", { discard: "malformed" }), "BAD_REQUEST");
  await alice.data("tent");
  await alice.send("END", { file_hash: sha256("content") });
  is(await alice.reply(), "OK", 226);
  assertEquals(await parts(alice), []);
});

holds(
  "ABOR drops an upload that another connection of the account holds",
  async ({ server, alice }) => {
    using other = await login(server);
    const { temp_id } = is(await other.ask("UPLOAD", { filename: "a" }), "OK", 150);
    await other.data("conte");
    is(await alice.ask("ABOR", { temp_id, discard: true }), "OK", 226);
    is(await other.reply(), "ABORTED");
    await other.data("nt");
    is(await other.ask("NOOP"), "OK");
    assertEquals(await parts(alice), []);
  },
);

holds(
  "ABOR stops a large download; requests sent behind it are answered in order",
  async ({ alice }) => {
    const size = 24 * MIB;
    is(await alice.upload("large", new Uint8Array(size)), "OK", 226);
    await alice.upload("small", "small");
    await alice.send("DOWNLOAD", { filename: "large" }, 1);
    await alice.send("SIZE", { filename: "small" }, 2);
    await alice.send("DOWNLOAD", { filename: "small" }, 3);
    await alice.send("ABOR", {}, 4);
    await alice.send("DOWNLOAD", { filename: "small" }, 5);
    is(await alice.reply(), "OK", 150, 1);
    let received = 0;
    const aborted = await alice.untilReply((bytes) => received += bytes.length);
    assertStrictEquals(is(aborted, "ABORTED", 426, 1).offset, received);
    assert(received < size, `${received} bytes came`);
    is(await alice.reply(), "OK", 213, 2);
    is(await alice.reply(), "OK", 150, 3);
    assertEquals(sha256(await alice.content(5)), sha256("small"));
    is(await alice.reply(), "OK", 226, 3);
    is(await alice.reply(), "OK", 226, 4);
    is(await alice.reply(), "OK", 150, 5);
    await alice.content(5);
    is(await alice.reply(), "OK", 226, 5);
  },
);

holds(
  "an ABOR sent right behind a download stops it before it has begun, too",
  async ({ alice }) => {
    is(await alice.upload("large", randomBytes(3 * MIB)), "OK", 226);
    await alice.send("VERIFY", {}, 1);
    await alice.send("DOWNLOAD", { filename: "large" }, 2);
    await alice.send("ABOR", {}, 3);
    is(await alice.reply(), "OK", 200, 1);
    is(await alice.reply(), "OK", 150, 2);
    is(await alice.untilReply(() => {}), "ABORTED", 426, 2);
    is(await alice.reply(), "OK", 226, 3);
  },
);

holdsOnDisk("an account without w may stop its own download", async ({ server, alice }) => {
  await addAccount(server.vault, "reader", "r");
  using reader = await login(server, "reader");
  const place = `${server.data}/users/r/reader/files/large`;
  await Deno.writeFile(place, new Uint8Array(24 * MIB));
  await reader.send("DOWNLOAD", { filename: "large" }, 1);
  await reader.send("ABOR", {}, 2);
  is(await reader.reply(), "OK", 150, 1);
  is(await reader.untilReply(() => {}), "ABORTED", 426, 1);
  is(await reader.reply(), "OK", 226, 2);
  is(await reader.ask("ABOR"), "PERMISSION_DENIED");
  is(await alice.ask("ABOR"), "OK", 226);
});
