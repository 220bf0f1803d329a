/** PROTOCOL section 3: `PROGRESS`, `TOO_MANY`, `SHUTTING_DOWN` and `ERROR`. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { openInProcess } from "../support/in_process.ts";
import { holds, is, login, MIB, namesIn, randomBytes } from "../support/native.ts";
import { RawClient, sha256 } from "../support/raw_client.ts";
import { ON_DISK, STEPS } from "../support/engine.ts";

holds("PROGRESS reports the safe offset: interim, with the upload's id", async ({ alice }) => {
  const content = randomBytes(70 * MIB);
  await alice.send("UPLOAD", { filename: "a", file_size: content.length }, 7);
  const { temp_id } = is(await alice.reply(), "OK", 150, 7);
  await alice.data(content);
  await alice.send("END", { file_hash: sha256(content) });
  is(await alice.reply(), "OK", 226, 7);
  assert(alice.progress.length >= 1);
  let before = 0;
  for (const reply of alice.progress) {
    const data = is(reply, "PROGRESS", 110, 7);
    assertStrictEquals(data.temp_id, temp_id);
    assert(data.offset as number > before && data.offset as number <= content.length);
    before = data.offset as number;
  }
}, { durability: "full" });

Deno.test("a server that goes down says so, keeps the upload, and has answered finished requests", async () => {
  const data = await Deno.makeTempDir({ prefix: "towpath-test-" });
  try {
    let temp_id: unknown;
    {
      await using server = await openInProcess({ data });
      using alice = await login(server);
      using idle = await login(server);
      await alice.send("UPLOAD", { filename: "a" }, 1);
      ({ temp_id } = is(await alice.reply(), "OK", 150, 1));
      await alice.data("conte");
      is(await alice.ask("NOOP"), "BAD_SEQUENCE"); // the bytes before it have come
      const closed = server.door.close(0);
      is(await alice.reply(), "SHUTTING_DOWN", 421, 1);
      assertEquals(await alice.reply(), null);
      assertEquals(await idle.reply(), null);
      alice.close();
      idle.close();
      await closed;
      await assertRejects(() => RawClient.connect(server));
    }
    await using server = await openInProcess({ data });
    using alice = await login(server);
    assertEquals(await namesIn(alice), []);
    const ready = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
    assertEquals([ready.offset, ready.prefix_hash], [5, sha256("conte")]);
    await alice.data("nt");
    await alice.send("END", { file_hash: sha256("content") });
    is(await alice.reply(), "OK", 226);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

let room = true;
holds("a connection too many is answered TOO_MANY and closed", async ({ server, alice }) => {
  room = false;
  using client = await RawClient.connect(server);
  const reported = is(await client.ask("NOOP"), "TOO_MANY", 421);
  assert(reported.retry_after_ms as number > 0);
  assertEquals(await client.reply(), null);
  is(await alice.ask("NOOP"), "OK");
}, {
  limits: {
    admit: () =>
      room
        ? { admitted: true, release() {}, setIdentified() {}, setAddress: () => undefined }
        : { admitted: false, reason: "full" },
  },
});

let broken = "";
const step = (name: string) =>
  name === broken
    ? Promise.reject(new Error("/secret/place: the disk is on fire"))
    : Promise.resolve();

holds(
  "an internal failure is ERROR with a reference and nothing internal; the part is kept",
  async ({ alice }) => {
    const late = ON_DISK ? ["commit: published", "commit: directory synced"] : [];
    for (const at of [STEPS.verified, STEPS.stored, ...late]) {
      const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
      await alice.data("content");
      broken = at;
      await alice.send("END", { file_hash: sha256("content") });
      const reply = await alice.reply();
      broken = "";
      const { message, reference } = is(reply, "ERROR", 451);
      assertMatch(String(reference), /^[0-9a-f]{8}$/);
      assertNotMatch(String(message), /secret|fire|Error/);
      assertEquals(is(await alice.ask("RESUME", { temp_id }), "OK", 150).offset, 7, at);
      await alice.send("END", { file_hash: sha256("content") });
      is(await alice.reply(), "OK", 226);
    }
  },
  { step },
);
