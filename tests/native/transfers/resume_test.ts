/** PROTOCOL, "Resume": the safe offset, its proof, REST, and what a damaged part is cut back to. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount } from "../../support/in_process.ts";
import {
  type Bench,
  holds,
  holdsOnDisk,
  is,
  KIB,
  login,
  partOnDisk,
  randomBytes,
  until,
} from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";

const CONTENT = randomBytes(700 * KIB);
const HASH = sha256(CONTENT);

/** Uploads the first bytes and stops; the upload's id. */
async function begin(
  client: RawClient,
  data: Record<string, unknown> = {},
  bytes = 300_001,
): Promise<string> {
  const ready = is(await client.ask("UPLOAD", { filename: "a", ...data }), "OK", 150);
  await client.data(CONTENT.subarray(0, bytes));
  assertStrictEquals(is(await client.ask("ABOR"), "ABORTED").offset, bytes);
  is(await client.reply(), "OK", 226);
  return ready.temp_id as string;
}

/** Times are in milliseconds: what is to be later must be so in them. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  await until("a millisecond passes", () => Date.now() > now);
}

/** Sends what follows an offset, and END; its final reply. */
async function goOn(client: RawClient, offset: number, end: Record<string, unknown> = {}) {
  await client.data(CONTENT.subarray(offset));
  await client.send("END", end);
  return is(await client.reply(), "OK", 226);
}

async function flipBit(server: Bench["server"], tempId: string, offset: number): Promise<void> {
  const place = partOnDisk(server, tempId);
  const bytes = await Deno.readFile(place);
  bytes[offset]! ^= 1;
  await Deno.writeFile(place, bytes);
}

holds(
  "RESUME by temp_id reports the offset and its proof, and goes on from there",
  async ({ server, alice }) => {
    const temp_id = await begin(alice, { file_size: CONTENT.length, mtime: 1_000_000_000_000 });
    using other = await login(server);
    await other.send("RESUME", { temp_id }, 5);
    assertEquals(is(await other.reply(), "OK", 150, 5), {
      ready: true,
      temp_id,
      filename: "/a",
      file_size: CONTENT.length,
      offset: 300_001,
      prefix_hash: sha256(CONTENT.subarray(0, 300_001)),
      chunk_size: 524_280,
    });
    await other.data(CONTENT.subarray(300_001));
    await other.send("END", { file_hash: HASH });
    const done = is(await other.reply(), "OK", 226, 5);
    assertEquals([done.hash, done.mtime], [HASH, 1_000_000_000_000]);
    is(await alice.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND", 550);
    assertEquals((await alice.download("a")).content, CONTENT);
  },
);

holds("with size and hash known a resumed upload ends by itself", async ({ alice }) => {
  const temp_id = await begin(alice, { file_size: CONTENT.length, file_hash: HASH });
  is(await alice.ask("RESUME", { temp_id }), "OK", 150);
  await alice.data(CONTENT.subarray(300_001));
  is(await alice.reply(), "OK", 226);
});

holds("where the size is not known it is null, and stays open to the END", async ({ alice }) => {
  const temp_id = await begin(alice);
  assertEquals(is(await alice.ask("RESUME", { temp_id }), "OK", 150).file_size, null);
  assertEquals((await goOn(alice, 300_001)).hash, HASH);
});

holds("RESUME by filename takes the latest match of its size", async ({ alice }) => {
  const first = await begin(alice, { file_size: CONTENT.length }, 1000);
  await nextMillisecond();
  const second = await begin(alice, { file_size: CONTENT.length }, 2000);
  await nextMillisecond();
  const third = await begin(alice, { file_size: CONTENT.length + 1 }, 3000);
  await begin(alice, { filename: "b", file_size: CONTENT.length }, 4000);
  const resumed = async (data: Record<string, unknown>) => {
    const { temp_id } = is(await alice.ask("RESUME", { filename: "/a", ...data }), "OK", 150);
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK");
    return temp_id;
  };
  assertStrictEquals(await resumed({ file_size: CONTENT.length + 1 }), third);
  assertStrictEquals(await resumed({ file_size: CONTENT.length }), second);
  assertStrictEquals(await resumed({}), third);
  is(await alice.ask("ABOR", { temp_id: second, discard: true }), "OK");
  assertStrictEquals(await resumed({ file_size: CONTENT.length }), first);
  is(await alice.ask("RESUME", { filename: "/a", file_size: 5 }), "TRANSFER_NOT_FOUND");
  is(await alice.ask("RESUME", { filename: "/none" }), "TRANSFER_NOT_FOUND");
});

holds("other users' uploads are not found, listed or dropped", async ({ server, alice }) => {
  await addAccount(server.vault, "bob", "rwcdt");
  using bob = await login(server, "bob");
  const temp_id = await begin(alice);
  is(await bob.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND");
  is(await bob.ask("RESUME", { filename: "/a" }), "TRANSFER_NOT_FOUND");
  is(await bob.ask("ABOR", { temp_id, discard: true }), "TRANSFER_NOT_FOUND");
  assertEquals(is(await bob.ask("PARTS"), "OK").parts, []);
  is(await bob.ask("RESUME", { temp_id: `../../alice/parts/${temp_id}` }), "TRANSFER_NOT_FOUND");
  is(await alice.ask("RESUME", { temp_id }), "OK", 150);
});

holdsOnDisk("a damaged part is cut back to its last good checkpoint", async ({ server, alice }) => {
  const temp_id = await begin(alice, { file_size: CONTENT.length }, 100_000);
  for (const to of [200_000, 300_000]) { // each ABOR leaves a checkpoint
    const { offset } = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
    await alice.data(CONTENT.subarray(offset as number, to));
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK");
  }
  for (
    const [damagedAt, safe] of [[299_999, 200_000], [100_000, 100_000], [0, 0]] as const
  ) {
    await flipBit(server, temp_id, damagedAt);
    const ready = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
    assertStrictEquals(ready.offset, safe);
    assertEquals(ready.prefix_hash, sha256(CONTENT.subarray(0, safe)));
    if (safe === 0) break;
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK");
    const [part] = is(await alice.ask("PARTS"), "OK").parts as { offset: number }[];
    assertStrictEquals(part!.offset, safe);
  }
  assertEquals((await goOn(alice, 0, { file_hash: HASH })).hash, HASH);
});

holdsOnDisk(
  "a part that lost its end, or got bytes behind it, is brought back too",
  async ({ server, alice }) => {
    const temp_id = await begin(alice);
    const place = partOnDisk(server, temp_id);
    await Deno.writeFile(place, randomBytes(5000), { append: true });
    assertEquals(is(await alice.ask("RESUME", { temp_id }), "OK", 150).offset, 300_001);
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK");
    await Deno.truncate(place, 300_000);
    const ready = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
    assertEquals([ready.offset, ready.prefix_hash], [0, sha256("")]);
    assertEquals((await goOn(alice, 0)).hash, HASH);
  },
);

holds("another source: ABOR with discard and a new UPLOAD, nothing is mixed", async ({ alice }) => {
  const temp_id = await begin(alice);
  is(await alice.ask("RESUME", { temp_id }), "OK", 150);
  is(await alice.ask("ABOR", { discard: true }), "ABORTED");
  is(await alice.reply(), "OK");
  is(await alice.upload("a", "other"), "OK", 226);
  is(await alice.ask("RESUME", { temp_id }), "TRANSFER_NOT_FOUND");
});

holds("REST n then STOR resumes where n is the safe offset", async ({ alice }) => {
  await begin(alice);
  is(await alice.ask("REST", { offset: 5 }), "OK", 350);
  assertEquals(
    is(await alice.ask("STOR", { filename: "a" }), "OFFSET_MISMATCH", 554).offset,
    300_001,
  );
  is(await alice.ask("REST", { offset: 300_001 }), "OK", 350);
  const ready = is(await alice.ask("STOR", { filename: "a" }), "OK", 150);
  assertEquals(ready.offset, 300_001);
  assertEquals((await goOn(alice, 300_001)).hash, HASH);
  is(await alice.ask("REST", { offset: 7 }), "OK", 350);
  assertEquals(is(await alice.ask("STOR", { filename: "b" }), "OFFSET_MISMATCH").offset, 0);
  is(await alice.ask("REST", { offset: 0 }), "OK", 350);
  is(await alice.upload("b", "whole"), "OK", 226);
});

holds("a restarted STOR that announces the hash ends by itself", async ({ alice }) => {
  await begin(alice, { file_size: CONTENT.length });
  is(await alice.ask("REST", { offset: 300_001 }), "OK", 350);
  const known = { filename: "a", file_size: CONTENT.length, file_hash: HASH };
  is(await alice.ask("STOR", known), "OK", 150);
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK");
  is(await alice.ask("REST", { offset: 300_001 }), "OK", 350);
  is(await alice.ask("STOR", known), "OK", 150);
  await alice.data(CONTENT.subarray(300_001));
  is(await alice.reply(), "OK", 226);
  await begin(alice, { file_size: CONTENT.length, file_hash: HASH });
  is(await alice.ask("REST", { offset: 300_001 }), "OK", 350);
  const other = { ...known, file_hash: sha256("another file") };
  assertEquals(is(await alice.ask("STOR", other), "OFFSET_MISMATCH").offset, 0);
});

holds("an APPE can be resumed; offset and proof are of the whole result", async ({ alice }) => {
  is(await alice.upload("a", CONTENT.subarray(0, 1000)), "OK", 226);
  const { temp_id } = is(await alice.ask("APPE", { filename: "a" }), "OK", 150);
  await alice.data(CONTENT.subarray(1000, 5000));
  assertEquals(is(await alice.ask("ABOR"), "ABORTED").offset, 5000);
  is(await alice.reply(), "OK");
  const ready = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
  assertEquals(ready.prefix_hash, sha256(CONTENT.subarray(0, 5000)));
  const done = await goOn(alice, 5000);
  assertEquals([done.filename, done.hash], ["/a", HASH]);
});
