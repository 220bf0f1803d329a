import { concat } from "@std/bytes";
import { delay } from "@std/async";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import fc from "fast-check";
import {
  CHUNK_BYTES,
  FrameError,
  FrameReader,
  MAX_DATA_BYTES,
  MAX_JSON_BYTES,
  MAX_JSON_BYTES_BEFORE_LOGIN,
} from "../../protocol/mod.ts";
import { BufferPool, IDLE_BYTES } from "../../buffers/pool.ts";
import type { Piece } from "../../protocol/mod.ts";
import { ChunkSource, cut, frame } from "./byte_sources.ts";

interface Frame {
  kind: "json" | "data";
  bytes: Uint8Array;
}

/** Reads frames until the stream ends; pieces of a DATA frame are put together again. */
async function readFrames(reader: FrameReader): Promise<Frame[]> {
  const frames: Frame[] = [];
  let begun: Uint8Array[] | undefined;
  for (let piece = await reader.next(); piece; piece = await reader.next()) {
    const parts: Uint8Array[] = [...begun ?? [], piece.bytes.slice()];
    piece.release();
    begun = piece.rest > 0 ? parts : undefined;
    if (!begun) frames.push({ kind: piece.kind, bytes: concat(parts) });
  }
  assertEquals(begun, undefined);
  return frames;
}

/** Reads one frame. */
async function readOne(reader: FrameReader): Promise<Frame> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const piece = (await reader.next())!;
    parts.push(piece.bytes.slice());
    piece.release();
    if (piece.rest === 0) return { kind: piece.kind, bytes: concat(parts) };
  }
}

const wire = (frames: Frame[]) =>
  concat(frames.map(({ kind, bytes }) => frame(kind === "json" ? 0 : 1, bytes)));

const anyFrame = fc.record({
  kind: fc.constantFrom("json" as const, "data" as const),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 0, max: MAX_JSON_BYTES_BEFORE_LOGIN }).map((n) => new Uint8Array(n).fill(n)),
  ),
}, { noNullPrototype: true });

Deno.test("however the stream is cut, the frames are the same", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(anyFrame, { maxLength: 12 }),
    fc.array(fc.nat(), { maxLength: 40 }),
    async (frames, places) => {
      const source = new ChunkSource(cut(wire(frames), places));
      assertEquals(await readFrames(new FrameReader(source)), frames);
    },
  ));
});

Deno.test("one byte with each read is enough", async () => {
  const frames: Frame[] = [
    { kind: "json", bytes: new TextEncoder().encode(`{"command":"NOOP"}`) },
    { kind: "data", bytes: new Uint8Array(1000).fill(7) },
    { kind: "data", bytes: new Uint8Array(0) },
    { kind: "json", bytes: new Uint8Array(0) },
  ];
  const bytes = wire(frames);
  const source = new ChunkSource(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
  assertEquals(await readFrames(new FrameReader(source)), frames);
});

Deno.test("fifty frames in one read are fifty frames, without another read", async () => {
  const frames: Frame[] = Array.from(
    { length: 50 },
    (_, i) => ({ kind: i % 3 ? "json" : "data", bytes: new Uint8Array(i).fill(i) }),
  );
  const source = new ChunkSource([wire(frames)]);
  const reader = new FrameReader(source);
  const found: Frame[] = [];
  for (let i = 0; i < 50; i++) {
    const piece = (i > 0 ? reader.take() : await reader.next())!;
    found.push({ kind: piece.kind, bytes: piece.bytes.slice() });
  }
  assertEquals(source.reads, 1);
  assertEquals(reader.take(), undefined);
  assertEquals(reader.buffered, 0);
  assertEquals(found, frames);
  assertEquals(await reader.next(), null);
  assertEquals(await reader.next(), null);
});

Deno.test("frames of the largest sizes pass, and one byte more is refused", async () => {
  const cases = [
    { kind: 0, most: MAX_JSON_BYTES_BEFORE_LOGIN, options: {} },
    { kind: 0, most: MAX_JSON_BYTES, options: { jsonLimit: MAX_JSON_BYTES } },
    { kind: 1, most: MAX_DATA_BYTES, options: {} },
  ];
  for (const { kind, most, options } of cases) {
    const whole = frame(kind, new Uint8Array(most).fill(32));
    const [found] = await readFrames(new FrameReader(new ChunkSource([whole]), options));
    assertEquals(found!.bytes.length, most);
    const longer = frame(kind, new Uint8Array(16), BigInt(most + 1));
    assertErrorLike(
      await assertRejects(() => readFrames(new FrameReader(new ChunkSource([longer]), options))),
      {
        name: "FrameError",
        truncated: false,
      },
    );
  }
});

Deno.test("a raised limit holds from the next frame on, and never beyond 1 MiB", async () => {
  const small = frame(0, new Uint8Array(5));
  const large = frame(0, new Uint8Array(MAX_JSON_BYTES_BEFORE_LOGIN + 1));
  const reader = new FrameReader(new ChunkSource([concat([small, large])]));
  await reader.next();
  reader.jsonLimit = Infinity;
  assertEquals((await reader.next())!.bytes.length, MAX_JSON_BYTES_BEFORE_LOGIN + 1);
  const huge = new FrameReader(
    new ChunkSource([frame(0, new Uint8Array(0), BigInt(MAX_JSON_BYTES + 1))]),
    { jsonLimit: Infinity },
  );
  await assertRejects(() => huge.next(), FrameError);
});

Deno.test("a header that announces too much is refused before anything else is read", async () => {
  await fc.assert(fc.asyncProperty(
    fc.constantFrom(0, 1),
    fc.bigInt({ min: BigInt(MAX_DATA_BYTES + 1), max: 2n ** 56n - 1n }),
    async (kind, length) => {
      const source = new ChunkSource([frame(kind, new Uint8Array(0), length)]);
      const reader = new FrameReader(source, { jsonLimit: MAX_JSON_BYTES });
      assertErrorLike(await assertRejects(() => reader.next()), {
        name: "FrameError",
        truncated: false,
      });
      assertEquals(source.reads, 1);
      assert(source.largestBuffer <= 64 * 1024, `${source.largestBuffer}`);
    },
  ));
});

Deno.test("headers of all ones, of sign bits, of unknown kinds are refused", async () => {
  const headers = [
    new Uint8Array(8).fill(0xff),
    Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0, 0, 0, 0, 0x80, 0, 0, 0),
    Uint8Array.of(1, 0, 0, 0, 0x80, 0, 0, 0),
    Uint8Array.of(1, 0x80, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0),
    new TextEncoder().encode("GET / HT"),
    Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1),
  ];
  for (let kind = 2; kind < 256; kind++) headers.push(Uint8Array.of(kind, 0, 0, 0, 0, 0, 0, 1));
  for (const header of headers) {
    const reader = new FrameReader(new ChunkSource([header]), { jsonLimit: MAX_JSON_BYTES });
    assertErrorLike(await assertRejects(() => reader.next()), {
      name: "FrameError",
      truncated: false,
    });
  }
});

Deno.test("memory follows the received bytes, not the announced ones", async () => {
  for (const kind of [0, 1]) {
    const announced = frame(kind, new Uint8Array(100), BigInt(MAX_DATA_BYTES));
    const source = new ChunkSource(cut(announced, [8, 9, 50]));
    const reader = new FrameReader(source, { jsonLimit: MAX_JSON_BYTES });
    assertErrorLike(
      await assertRejects(async () => {
        while (await reader.next());
      }),
      { name: "FrameError", truncated: true },
    );
    assert(source.largestBuffer <= 64 * 1024, `${source.largestBuffer}`);
  }
});

Deno.test("a buffer stays within the largest frame, however many pass", async () => {
  const payload = new Uint8Array(MAX_DATA_BYTES);
  const chunks = Array.from({ length: 20 }, () => frame(1, payload));
  const source = new ChunkSource(chunks);
  assertEquals((await readFrames(new FrameReader(source))).length, 20);
  assert(source.largestBuffer <= 4 * CHUNK_BYTES, `${source.largestBuffer}`);
});

Deno.test("a stream that ends inside a frame is an error, at its end it is not", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(anyFrame, { minLength: 1, maxLength: 5 }),
    fc.nat(),
    async (frames, place) => {
      const ends = new Set([0]);
      for (let i = 1; i <= frames.length; i++) ends.add(wire(frames.slice(0, i)).length);
      const whole = wire(frames);
      const length = place % (whole.length + 1);
      const reading = readFrames(new FrameReader(new ChunkSource([whole.subarray(0, length)])));
      if (ends.has(length)) await reading;
      else {assertErrorLike(await assertRejects(() => reading), {
          name: "FrameError",
          truncated: true,
        });}
    },
  ));
});

Deno.test("the bytes of a DATA frame before the stream broke are returned first", async () => {
  for (const failure of [undefined, new Error("connection reset")]) {
    const begun = frame(1, new Uint8Array(700).fill(9), 1000n);
    const reader = new FrameReader(new ChunkSource(cut(begun, [200, 300]), failure));
    let arrived = 0;
    const error = await assertRejects(async () => {
      while (true) {
        const piece = await reader.next();
        arrived += piece!.bytes.length;
      }
    });
    assertEquals(arrived, 700);
    if (failure) assertStrictEquals(error, failure);
    else assert(error instanceof FrameError && error.truncated);
    await assertRejects(() => reader.next());
  }
});

Deno.test("any bytes at all end in frames or in an error", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
    try {
      const frames = await readFrames(new FrameReader(new ChunkSource([bytes])));
      assertEquals(wire(frames), bytes);
    } catch (error) {
      assert(error instanceof FrameError, String(error));
    }
  }));
});

Deno.test("a buffer is not written again before every piece of it is released", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 200_000 })), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.array(fc.nat({ max: 12 }), { minLength: 12, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      fc.constantFrom(0, 256 * 1024, Infinity),
      async (frames, holds, places, budgetBytes) => {
        const bytes = frames.map(([kind, length], at) => {
          const payload = new Uint8Array(length).fill(at + 1);
          return frame(kind, payload);
        });
        const source = new ChunkSource(cut(concat(bytes), places));
        const pool = new BufferPool({ budgetBytes });
        pool.poisons = true;
        const reader = new FrameReader(source, { jsonLimit: MAX_JSON_BYTES, pool });
        // Each piece is held while so many more are read, and has to be as it was when it came.
        const held: { piece: Piece; before: Uint8Array; until: number }[] = [];
        for (let at = 0;; at++) {
          const piece = await reader.next();
          if (piece !== null) {
            held.push({ piece, before: piece.bytes.slice(), until: at + holds[at % 12]! });
          }
          for (const one of held.splice(0)) {
            assertEquals(one.piece.bytes, one.before);
            if (piece === null || one.until <= at) one.piece.release();
            else held.push(one);
          }
          if (piece === null) break;
        }
        reader.close();
        assertEquals(pool.lentBytes, 0);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("small frames that come in a row need no read each, and then the smallest buffer waits", async () => {
  const frames = Array.from({ length: 256 }, () => frame(1, new Uint8Array(IDLE_BYTES)));
  const sizes: number[] = [];
  const source = new ChunkSource([concat([...frames, frame(0, new Uint8Array(4))])]);
  const reader = new FrameReader({
    read(into) {
      sizes.push(into.length);
      return source.read(into);
    },
  });
  for (let piece = await reader.next(); piece; piece = await reader.next()) piece.release();
  assert(sizes.length < 50, `${sizes.length} reads`);
  assertEquals([sizes[0], sizes.at(-1)], [IDLE_BYTES, IDLE_BYTES]);
});

Deno.test("while nothing comes, a reader holds the smallest buffer", async () => {
  const pool = new BufferPool();
  const source = new ChunkSource([
    frame(1, new Uint8Array(MAX_DATA_BYTES)),
    frame(0, new Uint8Array(4)),
  ]);
  const reader = new FrameReader(source, { pool });
  let largest = 0;
  for (let piece = await reader.next(); piece?.kind === "data"; piece = await reader.next()) {
    largest = Math.max(largest, pool.lentBytes);
    piece.release();
  }
  assert(largest >= CHUNK_BYTES);
  assertEquals(await reader.next(), null);
  assertEquals(pool.lentBytes, 0);
});

Deno.test("JSON frames beyond the budget wait for one another, and all arrive", async () => {
  const pool = new BufferPool({ maxMessages: 2 });
  const text = new Uint8Array(MAX_JSON_BYTES).fill(32);
  const readers = Array.from(
    { length: 9 },
    () => new FrameReader(new ChunkSource([frame(0, text)]), { jsonLimit: MAX_JSON_BYTES, pool }),
  );
  const lengths = await Promise.all(readers.map(async (reader) => {
    const piece = await reader.next();
    await delay(0);
    piece!.release();
    assertEquals(await reader.next(), null);
    reader.close();
    return piece!.bytes.length;
  }));
  assertEquals(lengths, Array(9).fill(MAX_JSON_BYTES));
});

Deno.test("from the second DATA frame of an upload on, hardly a byte is copied", async () => {
  for (const holdsMore of [false, true]) {
    const taken: number[] = [];
    const pool = new class extends BufferPool {
      override tryTake(bytes: number) {
        taken.push(bytes);
        return super.tryTake(bytes);
      }
    }();
    const data = { kind: "data" as const, bytes: new Uint8Array(CHUNK_BYTES).fill(7) };
    const json = { kind: "json" as const, bytes: new TextEncoder().encode("{}") };
    const sent = [data, data, data, json, data];
    const records = cut(wire(sent), Array.from({ length: 200 }, (_, index) => index * 16 * 1024));
    const reader = new FrameReader(new ChunkSource(records), { pool, holdsMore });
    const inSteps: boolean[] = [];
    for (const frame of sent) {
      taken.length = 0;
      assertEquals(await readOne(reader), frame);
      inSteps.push(taken.includes(128 * 1024));
    }
    // After a request, memory follows what has come again.
    assertEquals(inSteps, [true, false, false, false, true]);
  }
});
