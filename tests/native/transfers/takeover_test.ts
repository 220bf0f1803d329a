/** PROTOCOL, "Resume": connections that end, fall silent or are taken from; PARTS. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { holds, is, KIB, login, MIB, randomBytes, until } from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";
import { ON_DISK, STEPS } from "../../support/engine.ts";

const CONTENT = randomBytes(3 * MIB);

async function parts(client: RawClient): Promise<Record<string, unknown>[]> {
  return is(await client.ask("PARTS"), "OK").parts as Record<string, unknown>[];
}

holds("RESUME takes an upload from a connection that still holds it", async ({ server, alice }) => {
  using silent = await login(server);
  await silent.send("UPLOAD", { filename: "a", file_size: CONTENT.length }, 1);
  const { temp_id } = is(await silent.reply(), "OK", 150, 1);
  await silent.data(CONTENT.subarray(0, MIB));
  await until("the bytes arrive", async () => (await parts(alice))[0]!.offset === MIB);
  const ready = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
  assertEquals([ready.offset, ready.prefix_hash], [MIB, sha256(CONTENT.subarray(0, MIB))]);
  await silent.data(randomBytes(300 * KIB)); // it can write nothing more
  const aborted = is(await silent.reply(), "ABORTED", 426, 1);
  assertEquals([aborted.temp_id, aborted.offset], [temp_id, MIB]);
  await silent.send("END", { file_hash: sha256("") });
  is(await silent.ask("NOOP"), "OK", 200);
  await alice.data(CONTENT.subarray(MIB));
  await alice.send("END", { file_hash: sha256(CONTENT) });
  is(await alice.reply(), "OK", 226);
});

holds("of many that resume one upload, the last one holds it", async ({ server, alice }) => {
  const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
  await alice.data(CONTENT.subarray(0, MIB));
  const others = await Promise.all(Array.from({ length: 8 }, () => login(server)));
  await Promise.all(others.map((client) => client.send("RESUME", { temp_id })));
  for (const client of others) assertStrictEquals(is(await client.reply(), "OK", 150).offset, MIB);
  is(await alice.reply(), "ABORTED");
  // All of them send; the one that holds it has sent the whole, whatever the others did.
  await Promise.all(others.map((client) => client.data(CONTENT.subarray(MIB))));
  await Promise.all(others.map((client) => client.send("END", { file_hash: sha256(CONTENT) })));
  const finals = await Promise.all(others.map((client) => client.reply()));
  assertEquals(finals.filter((reply) => reply!.status === "OK").length, 1);
  assertEquals(finals.filter((reply) => reply!.status === "ABORTED").length, 7);
  for (const client of others) client.close();
  assertEquals(is(await alice.ask("HASH", { filename: "a" }), "OK").hash, sha256(CONTENT));
});

for (const how of ["close", "closeWrite"] as const) {
  holds(`a connection that ends (${how}) leaves all bytes received`, async ({ server, alice }) => {
    using other = await login(server);
    const { temp_id } = is(await other.ask("UPLOAD", { filename: "a" }), "OK", 150);
    await other.data(CONTENT.subarray(0, 1_234_567));
    await other.connection[how]();
    await until("the upload is let go", async () => (await parts(alice))[0]?.active === false);
    const ready = is(await alice.ask("RESUME", { temp_id }), "OK", 150);
    assertEquals(ready.offset, 1_234_567);
    assertEquals(ready.prefix_hash, sha256(CONTENT.subarray(0, 1_234_567)));
  });
}

let gate: { step: string; arrived: () => void; opened: Promise<void> } | undefined;
const step = async (name: string) => {
  if (name !== gate?.step) return;
  gate.arrived();
  await gate.opened;
};

/** Holds the server at a step: `reached` resolves when it is there, `open()` lets it go on. */
function holdAt(name: string): { reached: Promise<void>; open: () => void } {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  gate = { step: name, arrived: reached.resolve, opened: opened.promise };
  const open = () => {
    gate = undefined;
    opened.resolve();
  };
  return { reached: reached.promise, open };
}

holds(
  "RESUME while the upload is being finished waits, and changes nothing of it",
  async ({ server, alice }) => {
    using other = await login(server);
    const data = { filename: "a", file_size: CONTENT.length, file_hash: sha256(CONTENT) };
    for (const name of [STEPS.verified, STEPS.stored, ...(ON_DISK ? ["commit: published"] : [])]) {
      const { temp_id } = is(await other.ask("UPLOAD", data), "OK", 150);
      const held = holdAt(name);
      await other.data(CONTENT);
      await held.reached;
      await alice.send("RESUME", { temp_id });
      await alice.send("NOOP", {}, "behind");
      held.open();
      const done = is(await other.reply(), "OK", 226);
      is(await alice.reply(), "TRANSFER_NOT_FOUND");
      is(await alice.reply(), "OK", 200, "behind");
      assertEquals((await alice.download(done.filename as string)).content, CONTENT);
    }
  },
  { step, durability: "full" },
);

holds(
  "RESUME while the upload is being put by waits for its checkpoint",
  async ({ server, alice }) => {
    using other = await login(server);
    const { temp_id } = is(await other.ask("UPLOAD", { filename: "a" }), "OK", 150);
    await other.data(CONTENT.subarray(0, MIB));
    const held = holdAt(STEPS.checkpoint);
    other.close();
    await held.reached;
    await alice.send("RESUME", { temp_id });
    held.open();
    assertStrictEquals(is(await alice.reply(), "OK", 150).offset, MIB);
    await alice.data(CONTENT.subarray(MIB));
    await alice.send("END", { file_hash: sha256(CONTENT) });
    is(await alice.reply(), "OK", 226);
  },
  { step, durability: "full" },
);

holds("an idle connection is closed, and its upload kept", async ({ server, alice }) => {
  const { temp_id } = is(await alice.ask("UPLOAD", { filename: "a" }), "OK", 150);
  await alice.data("content");
  await assertRejects(async () => {
    if (await alice.reply() === null) throw new Error("closed");
  });
  using other = await login(server);
  const ready = is(await other.ask("RESUME", { temp_id }), "OK", 150);
  assertEquals([ready.offset, ready.prefix_hash], [7, sha256("content")]);
}, { limits: { idleTimeoutMs: 500 } });

holds("PARTS describes an unfinished upload in full", async ({ server, alice }) => {
  using other = await login(server);
  const before = Date.now();
  const known = is(await other.ask("UPLOAD", { filename: "a", file_size: 10 }), "OK", 150);
  await other.data("conte");
  await until("the bytes arrive", async () => (await parts(alice))[0]!.offset === 5);
  const [part] = await parts(alice);
  const { created, updated, expires, ...rest } = part as
    & Record<string, unknown>
    & Record<"created" | "updated" | "expires", number>;
  assertEquals(rest, {
    temp_id: known.temp_id,
    filename: "/a",
    file_size: 10,
    offset: 5,
    active: true,
    account: "alice",
    guest: false,
  });
  assert(created >= before && updated >= created && updated <= Date.now());
  assertEquals(expires, updated + 3_600_000);
  other.close();
  await until("it is let go", async () => (await parts(alice))[0]!.active === false);
  const now = Date.now();
  await until("a millisecond passes", () => Date.now() > now);
  is(await alice.ask("UPLOAD", { filename: "b" }), "OK", 150);
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK");
  const names = (await parts(alice)).map(({ filename, file_size }) => [filename, file_size]);
  assertEquals(names, [["/b", null], ["/a", 10]]);
}, { partTtlMs: 3_600_000 });

holds("expired parts are gone, but for those in use", async ({ server, alice }) => {
  using other = await login(server);
  const kept = is(await other.ask("UPLOAD", { filename: "a" }), "OK", 150).temp_id;
  const old = is(await alice.ask("UPLOAD", { filename: "b" }), "OK", 150).temp_id;
  is(await alice.ask("ABOR"), "ABORTED");
  is(await alice.reply(), "OK");
  await until(
    "time passes",
    () => server.vault.expireUploads().then((ids) => ids.includes(String(old))),
  );
  is(await alice.ask("RESUME", { temp_id: old }), "TRANSFER_NOT_FOUND");
  is(await alice.ask("RESUME", { temp_id: kept }), "OK", 150);
}, { partTtlMs: 1 });
