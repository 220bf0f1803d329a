/** PROTOCOL: `QUOTA_EXCEEDED`: what does not fit is refused, what was received of it is kept. */
import { delay } from "@std/async";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { addAccount, type InProcess } from "../../support/in_process.ts";
import { holds, is, KIB, login, MIB, namesIn, randomBytes } from "../../support/native.ts";
import { type RawClient, sha256 } from "../../support/raw_client.ts";

const QUOTA = 100 * KIB;

async function small(server: InProcess): Promise<RawClient> {
  await addAccount(server.vault, "small", "rwcd", QUOTA);
  return await login(server, "small");
}

holds("an announced size that does not fit is refused before any byte", async ({ server }) => {
  using client = await small(server);
  is(await client.ask("UPLOAD", { filename: "a", file_size: QUOTA + 1 }), "QUOTA_EXCEEDED", 552);
  is(await client.ask("NOOP"), "OK");
  is(await client.upload("a", randomBytes(QUOTA), { file_size: QUOTA }), "OK", 226);
  is(await client.upload("b", "1"), "QUOTA_EXCEEDED");
  is(await client.upload("b", ""), "OK", 226);
  is(await client.ask("COPY", { from: "a", to: "c" }), "QUOTA_EXCEEDED");
  is(await client.ask("DELE", { filename: "a" }), "OK");
  is(await client.upload("a", randomBytes(QUOTA)), "OK", 226);
  assertEquals(await namesIn(client), ["a", "b"]);
});

holds(
  "an upload of unknown size that outgrows it fails half-way and is kept",
  async ({ server }) => {
    using client = await small(server);
    const content = randomBytes(QUOTA);
    const ballast = 60 * KIB;
    is(await client.upload("ballast", randomBytes(ballast)), "OK");
    const { temp_id } = is(await client.ask("UPLOAD", { filename: "a" }), "OK", 150);
    await client.data(content.subarray(0, 30 * KIB));
    await client.data(content.subarray(30 * KIB));
    is(await client.reply(), "QUOTA_EXCEEDED", 552);
    await client.send("END");
    const [part] = is(await client.ask("PARTS"), "OK").parts as Record<string, unknown>[];
    assertEquals([part!.temp_id, part!.offset], [temp_id, 30 * KIB]);
    is(await client.ask("DELE", { filename: "ballast" }), "OK");
    const { offset } = is(await client.ask("RESUME", { temp_id }), "OK", 150);
    await client.data(content.subarray(offset as number));
    await client.send("END", { file_hash: sha256(content) });
    is(await client.reply(), "OK", 226);
  },
);

holds(
  "parts count to the quota, by the bytes they hold, until they are dropped",
  async (bench) => {
    const { server } = bench;
    using client = await small(server);
    const data = { filename: "a", file_size: 80 * KIB };
    const { temp_id } = is(await client.ask("UPLOAD", data), "OK", 150);
    await client.data(randomBytes(30 * KIB));
    is(await client.ask("ABOR"), "ABORTED");
    is(await client.reply(), "OK");
    const usage = () => server.catalog.usage("small");
    assertEquals(await usage(), { usedBytes: 0, reservedBytes: 30 * KIB });
    is(await client.upload("c", randomBytes(60 * KIB)), "OK", 226);
    is(await client.ask("RESUME", { temp_id }), "QUOTA_EXCEEDED");
    is(await client.ask("DELE", { filename: "c" }), "OK");
    is(await client.ask("RESUME", { temp_id }), "OK", 150);
    assertEquals(await usage(), { usedBytes: 0, reservedBytes: 80 * KIB });
    is(await client.ask("ABOR"), "ABORTED");
    is(await client.reply(), "OK");
    is(await client.ask("UPLOAD", { ...data, filename: "b" }), "QUOTA_EXCEEDED");
    is(await client.ask("ABOR", { temp_id, discard: true }), "OK");
    is(await client.upload("b", randomBytes(80 * KIB), { file_size: 80 * KIB }), "OK", 226);
  },
);

holds("many uploads at once never hold more than the quota", async ({ server }) => {
  using client = await small(server);
  const clients = await Promise.all(Array.from({ length: 10 }, () => login(server, "small")));
  const finals = await Promise.all(
    clients.map((each, index) => each.upload(`f${index}`, randomBytes(30 * KIB))),
  );
  const stored = finals.filter(({ status }) => status === "OK").length;
  assert(stored <= 3 && stored >= 1, `${stored} were stored`);
  for (const reply of finals) if (reply.status !== "OK") is(reply, "QUOTA_EXCEEDED");
  for (let id = 0; id < 10; id++) {
    await client.send("UPLOAD", { filename: `p${id}`, pipelined: true }, id);
    await client.data(randomBytes(30 * KIB));
    await client.send("END");
  }
  for (let id = 0; id < 10; id++) assertStrictEquals((await client.reply())!.id, id);
  const { entries } = is(await client.ask("LIST"), "OK");
  const used = (entries as { size: number }[]).reduce((sum, { size }) => sum + size, 0);
  assert(used <= QUOTA, `${used} bytes`);
  for (const each of clients) each.close();
});

holds("forty uploads race for the last 10 MB: never exceeded, none corrupted", async (bench) => {
  const { server } = bench;
  const quota = 12 * MIB;
  await addAccount(server.vault, "racer", "rwcd", quota);
  using client = await login(server, "racer");
  is(await client.upload("before", randomBytes(2 * MIB)), "OK", 226);
  const clients = await Promise.all(Array.from({ length: 40 }, () => login(server, "racer")));
  let most = 0;
  let racing = true;
  const watch = (async () => {
    while (racing) {
      const { usedBytes, reservedBytes } = await server.catalog.usage("racer");
      most = Math.max(most, usedBytes + reservedBytes);
      await delay(0);
    }
  })();
  // Known sizes, unknown ones, pipelined ones and versions of one name.
  const contents = clients.map(() => randomBytes(MIB - 7));
  const finals = await Promise.all(clients.map(async (each, index) => {
    const content = contents[index]!;
    const filename = index % 4 === 0 ? "same" : `f${index}`;
    if (index % 3 === 2) {
      await each.send("UPLOAD", { filename, file_size: content.length, pipelined: true });
      await each.data(content);
      await each.send("END", { file_hash: sha256(content) });
      return (await each.reply())!;
    }
    const known = index % 3 === 0 ? { file_size: content.length } : {};
    return await each.upload(filename, content, known);
  })).finally(() => racing = false);
  await watch;
  assert(most <= quota, `${most} bytes were held`);
  const stored = finals.filter(({ status }) => status === "OK");
  for (const reply of finals) if (reply.status !== "OK") is(reply, "QUOTA_EXCEEDED");
  assert(stored.length >= 1 && stored.length <= 10, `${stored.length} were stored`);
  for (const { data } of stored) {
    const { content, final } = await client.download(data.filename as string);
    assertEquals(final.code, 226);
    assert(contents.some((one) => sha256(one) === sha256(content)));
  }
  assertEquals(is(await client.ask("VERIFY"), "OK").damaged, []);
  // The losers' reservations are freed once their parts are dropped: the rest of the quota fits.
  const { parts } = is(await client.ask("PARTS"), "OK");
  for (const { temp_id } of parts as { temp_id: string }[]) {
    is(await client.ask("ABOR", { temp_id, discard: true }), "OK");
  }
  const { usedBytes, reservedBytes } = await server.catalog.usage("racer");
  assertEquals([usedBytes, reservedBytes], [2 * MIB + stored.length * (MIB - 7), 0]);
  is(await client.upload("rest", new Uint8Array(quota - usedBytes)), "OK", 226);
  is(await client.upload("more", "1"), "QUOTA_EXCEEDED");
  for (const each of clients) each.close();
});

holds("replacing counts the size of the replaced file as free", async ({ server }) => {
  using client = await small(server);
  is(await client.upload("a", randomBytes(50 * KIB)), "OK");
  is(await client.upload("a", randomBytes(50 * KIB), { overwrite: true }), "OK", 226);
  is(await client.upload("b", randomBytes(50 * KIB)), "OK", 226);
});

holds(
  "no quota: sizes up to 2^53-1 are taken at their word, and freed again",
  async ({ server, alice }) => {
    const huge = { filename: "a", file_size: Number.MAX_SAFE_INTEGER };
    using other = await login(server);
    is(await alice.ask("UPLOAD", huge), "OK", 150);
    is(await other.ask("UPLOAD", huge), "QUOTA_EXCEEDED");
    is(await alice.ask("ABOR"), "ABORTED");
    is(await alice.reply(), "OK");
    is(await other.ask("UPLOAD", huge), "OK", 150);
    is(await other.ask("ABOR"), "ABORTED");
    is(await other.reply(), "OK");
    is(await alice.upload("a", "content"), "OK", 226);
  },
);

holds(
  "announced bytes of which none come are freed, and held again when they do",
  async (bench) => {
    const { server } = bench;
    using client = await small(server);
    using other = await login(server, "small");
    const { temp_id } = is(
      await client.ask("UPLOAD", { filename: "a", file_size: QUOTA }),
      "OK",
      150,
    );
    await client.data(randomBytes(KIB));
    is(await other.upload("b", "1"), "QUOTA_EXCEEDED");
    await server.engine.shrinkReservations(Date.now() + 1);
    is(await other.upload("b", randomBytes(60 * KIB)), "OK", 226);
    // Bytes freed for others are not taken from them at the end.
    await client.data(randomBytes(QUOTA - KIB));
    await client.send("END");
    is(await client.reply(), "QUOTA_EXCEEDED");
    is(await other.ask("DELE", { filename: "b" }), "OK");
    is(await client.ask("RESUME", { temp_id }), "OK", 150);
    await client.send("END");
    is(await client.reply(), "OK", 226);
    assertEquals(await server.catalog.usage("small"), { usedBytes: QUOTA, reservedBytes: 0 });
  },
);

/** Cuts an upload of `bytes` over a file of the same size. @returns its id */
async function cutOver(client: RawClient, filename: string, bytes: number): Promise<unknown> {
  const data = { filename, file_size: bytes, overwrite: true };
  const { temp_id } = is(await client.ask("UPLOAD", data), "OK", 150);
  await client.data(randomBytes(bytes - 1));
  is(await client.ask("ABOR"), "ABORTED");
  is(await client.reply(), "OK");
  return temp_id;
}

const CHANGES: Record<string, [command: string, data: Record<string, unknown>]> = {
  removed: ["DELE", { filename: "d/f" }],
  "removed with its directory": ["RMD", { path: "d", recursive: true }],
  renamed: ["RENAME", { from: "d/f", to: "g" }],
  "replaced by a rename": ["RENAME", { from: "tiny", to: "d/f", overwrite: true }],
};

for (const [change, [command, data]] of Object.entries(CHANGES)) {
  holds(`an upload over a file that is ${change} counts to the quota`, async ({ server }) => {
    using client = await small(server);
    const bytes = 80 * KIB;
    is(await client.upload("tiny", "1"), "OK", 226);
    const options = { make_dirs: true, overwrite: true };
    is(await client.upload("d/f", randomBytes(bytes), options), "OK", 226);
    const temp_id = await cutOver(client, "d/f", bytes);
    assertStrictEquals((await server.catalog.usage("small")).reservedBytes, 0);
    is(await client.ask(command, data), "OK");
    assertStrictEquals((await server.catalog.usage("small")).reservedBytes, bytes - 1);
    is(await client.upload("other", randomBytes(bytes)), "QUOTA_EXCEEDED");
    // It goes on where it fits without the file, and only there.
    is(await client.ask("MKD", { path: "d", make_dirs: true }), "OK", 257);
    if (change === "renamed") {
      // Nor does it make room for the next one under its new name, and so on.
      const next = { filename: "g", file_size: bytes, overwrite: true };
      is(await client.ask("UPLOAD", next), "QUOTA_EXCEEDED");
      const resumed = await client.ask("RESUME", { temp_id });
      if (resumed.status === "OK") {
        await client.data(randomBytes(1));
        await client.send("END");
        is(await client.reply(), "QUOTA_EXCEEDED");
      } else is(resumed, "QUOTA_EXCEEDED");
      is(await client.ask("DELE", { filename: "g" }), "OK");
    }
    is(await client.ask("RESUME", { temp_id }), "OK", 150);
    await client.data(randomBytes(1));
    await client.send("END");
    is(await client.reply(), "OK", 226);
    const { usedBytes, reservedBytes } = await server.catalog.usage("small");
    assertStrictEquals(reservedBytes, 0);
    assert(usedBytes <= QUOTA, `${usedBytes}`);
    is(await client.upload("other", randomBytes(10 * KIB)), "OK", 226);
  });
}

holds("an upload over a file whose directory is renamed goes on", async ({ server }) => {
  using client = await small(server);
  const bytes = 80 * KIB;
  is(await client.upload("d/f", randomBytes(bytes), { make_dirs: true }), "OK", 226);
  const temp_id = await cutOver(client, "d/f", bytes);
  is(await client.ask("RENAME", { from: "d", to: "e" }), "OK");
  is(await client.ask("RESUME", { temp_id }), "OK", 150);
  await client.data(randomBytes(1));
  await client.send("END");
  is(await client.reply(), "OK", 226);
  assertEquals(await server.catalog.usage("small"), { usedBytes: bytes, reservedBytes: 0 });
});
