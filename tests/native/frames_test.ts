/** PROTOCOL sections 1 and 2: bytes, frames, limits; bad ones are answered, then it goes on or ends. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ALPN, FrameKind } from "../../protocol/mod.ts";
import { openInProcess, PASSWORD } from "../support/in_process.ts";
import { holds, is, KIB, MIB } from "../support/native.ts";
import { dataFrame, frame, jsonFrame, RawClient, sha256 } from "../support/raw_client.ts";

const text = (value: string) => frame(FrameKind.json, new TextEncoder().encode(value));

/** A header that announces `length`, and nothing behind it. */
function header(kind: number, length: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, length);
  bytes[0] = kind;
  return bytes;
}

/** The connection answers BAD_FRAME and ends. */
async function endsBadly(client: RawClient): Promise<void> {
  is(await client.reply(), "BAD_FRAME", 500);
  assertEquals(await client.reply(), null);
}

Deno.test("the server speaks ALPN towpath/1, and takes clients that offer none", async () => {
  await using server = await openInProcess();
  using client = await RawClient.connect(server);
  assertStrictEquals((await client.connection.handshake()).alpnProtocol, ALPN);
  const plain = await Deno.connectTls({
    hostname: "127.0.0.1",
    port: server.port,
    caCerts: [server.caText],
  });
  await plain.write(jsonFrame({ command: "NOOP" }));
  assert(await plain.read(new Uint8Array(100)));
  plain.close();
});

for (
  const [what, bytes] of [
    ["an unknown kind", header(2, 0n)],
    ["kind 0xff", header(0xff, 5n)],
    ["a length of all ones", header(0, 0xff_ffff_ffff_ffffn)],
    ["the sign bit", header(0x80, 0n)],
    ["DATA of all ones", header(1, 0xff_ffff_ffff_ffffn)],
    ["DATA over 1 MiB", header(1, BigInt(MIB + 1))],
    ["4 GiB of JSON", header(0, 1n << 32n)],
  ] as const
) {
  Deno.test(`${what}: BAD_FRAME, which arrives, and the end`, async () => {
    await using server = await openInProcess();
    using stranger = await RawClient.connect(server);
    await stranger.raw(bytes);
    await endsBadly(stranger);
    using alice = await RawClient.login(server, "alice", PASSWORD);
    // Unread bytes sent after it must not destroy the reply.
    await alice.raw(new Uint8Array([...bytes, ...new Uint8Array(300 * KIB)]));
    await endsBadly(alice);
  });
}

Deno.test("JSON has 16 KiB before login and 1 MiB after", async () => {
  await using server = await openInProcess();
  const sized = (bytes: number) => {
    const bare = JSON.stringify({ command: "NOOP", x: "" }).length;
    return jsonFrame({ command: "NOOP", x: "x".repeat(bytes - bare) });
  };
  using stranger = await RawClient.connect(server);
  await stranger.raw(sized(16 * KIB));
  is(await stranger.reply(), "OK");
  await stranger.raw(sized(16 * KIB + 1));
  await endsBadly(stranger);
  using alice = await RawClient.login(server, "alice", PASSWORD);
  await alice.raw(sized(MIB));
  is(await alice.reply(), "OK");
  await alice.raw(sized(MIB + 1));
  await endsBadly(alice);
});

holds("what came before a bad frame is answered first; its upload is kept", async ({ alice }) => {
  await alice.send("UPLOAD", { filename: "a", pipelined: true }, 1);
  await alice.data("a");
  await alice.send("END");
  await alice.send("LIST", {}, 2);
  await alice.raw(header(9, 1n));
  is(await alice.reply(), "OK", 226, 1);
  is(await alice.reply(), "OK", 200, 2);
  await endsBadly(alice);
});

holds(
  "frames that are no request are BAD_REQUEST, and the connection goes on",
  async ({ alice }) => {
    const nested = (depth: number) =>
      text('{"command":"NOOP","x":' + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}");
    const wide = (values: number) => text(`{"command":"NOOP","x":[${"1,".repeat(values - 3)}1]}`);
    for (
      const bad of [
        frame(FrameKind.json, new Uint8Array(0)),
        frame(FrameKind.json, new Uint8Array([0x7b, 0xff, 0x7d])),
        frame(FrameKind.json, new TextEncoder().encode('\u{feff}{"command":"NOOP"}')),
        text("{"),
        text("null"),
        text("[]"),
        text('"NOOP"'),
        text("{}"),
        text('{"command":5}'),
      ]
    ) {
      await alice.raw(bad);
      is(await alice.reply(), "BAD_REQUEST", 501);
    }
    for (const good of [nested(64), wide(4096)]) {
      await alice.raw(good);
      is(await alice.reply(), "OK", 200);
    }
    for (const bad of [nested(65), nested(500_000), wide(4097), wide(500_000)]) {
      await alice.raw(bad);
      is(await alice.reply(), "BAD_REQUEST", 501);
    }
    await alice.raw(text('{"id":"seven","command":null}'));
    is(await alice.reply(), "BAD_REQUEST", 501, "seven");
  },
);

holds("the tenth bad frame in a row is answered, then the connection closes", async ({ alice }) => {
  for (let count = 0; count < 9; count++) await alice.raw(text("{"));
  await alice.send("NOOP");
  for (let count = 0; count < 10; count++) await alice.raw(text("{"));
  await alice.send("NOOP");
  for (let count = 0; count < 9; count++) is(await alice.reply(), "BAD_REQUEST");
  is(await alice.reply(), "OK");
  for (let count = 0; count < 10; count++) is(await alice.reply(), "BAD_REQUEST");
  assertEquals(await alice.reply(), null);
});

holds("frames are read however they are cut or joined", async ({ alice }) => {
  const content = "content";
  const upload = { filename: "a", file_size: content.length, file_hash: sha256(content) };
  const bytes = [
    jsonFrame({ command: "UPLOAD", data: upload, id: 1 }),
    dataFrame("con"),
    dataFrame(""),
    dataFrame("tent"),
    jsonFrame({ command: "SIZE", data: { filename: "a" }, id: 2 }),
  ].flatMap((part) => [...part]);
  for (const byte of bytes) await alice.raw(new Uint8Array([byte]));
  is(await alice.reply(), "OK", 150, 1);
  is(await alice.reply(), "OK", 226, 1);
  assertEquals(is(await alice.reply(), "OK", 213, 2), { size: 7 });
  const fifty = Array.from({ length: 50 }, (_, id) => jsonFrame({ command: "NOOP", id }));
  await alice.raw(new Uint8Array(fifty.flatMap((part) => [...part])));
  for (let id = 0; id < 50; id++) is(await alice.reply(), "OK", 200, id);
});

holds("a stream that ends inside a frame harms no one", async ({ server, alice }) => {
  for (
    const part of [jsonFrame({ command: "NOOP" }).subarray(0, 5), jsonFrame({}).subarray(0, 9)]
  ) {
    using client = await RawClient.connect(server);
    await client.raw(part);
    await client.connection.closeWrite();
    assertEquals(await client.reply(), null);
  }
  is(await alice.ask("NOOP"), "OK");
});

holds("requests sent behind a login without waiting have the limits of a login", async (bench) => {
  using client = await RawClient.connect(bench.server);
  const password = PASSWORD;
  await client.send("AUTH", { username: "alice", password });
  await client.send("NOOP", { filler: "x".repeat(100_000) });
  is(await client.reply(), "AUTH_SUCCESS");
  is(await client.reply(), "OK", 200);
});
