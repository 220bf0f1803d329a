import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeJson,
  FrameReader,
  FrameWriter,
  HEADER_BYTES,
  headerLength,
  MAX_DATA_BYTES,
  MAX_JSON_BYTES,
  putHeader,
} from "../../protocol/mod.ts";
import { ChunkSource, SlowSink } from "./byte_sources.ts";

const reader = (sink: SlowSink) =>
  new FrameReader(new ChunkSource([sink.bytes]), { jsonLimit: MAX_JSON_BYTES });

Deno.test("a header holds every length that is allowed, big-endian", () => {
  fc.assert(fc.property(
    fc.constantFrom(0, 1),
    fc.oneof(fc.integer({ min: 0, max: MAX_DATA_BYTES }), fc.constantFrom(2 ** 31, 2 ** 32 - 1)),
    (kind, length) => {
      const header = new Uint8Array(HEADER_BYTES + 2).fill(0xee);
      putHeader(header, 1, kind, length);
      assertStrictEquals(headerLength(header, 1), length);
      const whole = new DataView(header.buffer).getBigUint64(1);
      assertEquals(whole, BigInt(kind) << 56n | BigInt(length));
      assertEquals([header[0], header[9]], [0xee, 0xee]);
    },
  ));
});

Deno.test("the reader gets the written frames, however little the sink takes", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.oneof(fc.dictionary(fc.string({ unit: "binary" }), fc.json()), fc.uint8Array()), {
      maxLength: 10,
    }),
    fc.integer({ min: 1, max: 50 }),
    async (messages, most) => {
      const sink = new SlowSink(most);
      const writer = new FrameWriter(sink);
      for (const message of messages) {
        if (message instanceof Uint8Array) writer.smallData(message);
        else writer.json(message);
      }
      await writer.flush();
      assertEquals(writer.pending, 0);
      const frames = reader(sink);
      for (const message of messages) {
        const piece = (await frames.next())!;
        assertEquals(piece.rest, 0);
        if (message instanceof Uint8Array) assertEquals(piece.bytes.slice(), message);
        else assertStrictEquals(JSON.stringify(decodeJson(piece.bytes)), JSON.stringify(message));
      }
      assertEquals(await frames.next(), null);
    },
  ));
});

Deno.test("characters of every length are counted in bytes", async () => {
  const message = { text: "a ä € 😀 \ud800 \u0000".repeat(5000) };
  const sink = new SlowSink();
  const writer = new FrameWriter(sink);
  writer.json(message);
  await writer.flush();
  assertEquals(decodeJson((await reader(sink).next())!.bytes), message);
});

Deno.test("large data comes after the frames gathered before it", async () => {
  const sink = new SlowSink(10_000);
  const writer = new FrameWriter(sink);
  writer.json({ first: true });
  const frame = new Uint8Array(HEADER_BYTES + 100_000).fill(5);
  await writer.data(frame);
  writer.json({ last: true });
  assert(writer.pending > 0);
  await writer.flush();
  await writer.flush();
  const frames = reader(sink);
  assertEquals(decodeJson((await frames.next())!.bytes), { first: true });
  const piece = (await frames.next())!;
  assertEquals(piece.bytes.length, 100_000);
  assert(piece.bytes.every((byte) => byte === 5));
  assertEquals(decodeJson((await frames.next())!.bytes), { last: true });
});

Deno.test("frames added during a flush go into the next", async () => {
  const sink = new SlowSink(1);
  const writer = new FrameWriter(sink);
  writer.json({ n: 1 });
  const flushing = writer.flush();
  writer.json({ n: 2 });
  await flushing;
  await writer.flush();
  const frames = reader(sink);
  for (const n of [1, 2]) assertEquals(decodeJson((await frames.next())!.bytes), { n });
});

Deno.test("a writer asks to be flushed before it holds much", () => {
  const writer = new FrameWriter(new SlowSink());
  let frames = 0;
  while (!writer.full) {
    writer.smallData(new Uint8Array(1000));
    frames++;
  }
  assert(frames < 100, `${frames}`);
});
