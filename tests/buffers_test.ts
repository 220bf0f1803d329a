// The pool of buffers: counting, the budget, and what happens to a buffer that comes back.

import {
  assertEquals,
  assertMatch,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { BASE_BYTES, BufferPool, MESSAGE_BYTES } from "../buffers/pool.ts";

const KIB = 1024;

Deno.test("a buffer is lent again only when its last holder has released it", () => {
  const pool = new BufferPool();
  const first = pool.take(512 * KIB);
  first.retain();
  first.release();
  assertNotStrictEquals(pool.take(512 * KIB).bytes, first.bytes);
  first.release();
  assertStrictEquals(pool.take(512 * KIB).bytes, first.bytes);
  assertMatch(String(assertThrows(() => first.release())), /given back twice/);
  assertMatch(String(assertThrows(() => first.retain())), /after it was given back/);
});

Deno.test("beyond the budget transfers get the smallest buffers, and large ones again later", () => {
  const pool = new BufferPool({ budgetBytes: 1024 * KIB });
  const [a, b] = [pool.take(512 * KIB), pool.take(512 * KIB)];
  assertEquals(pool.lentBytes, 1024 * KIB);
  assertEquals(pool.tryTake(64 * KIB), undefined);
  assertEquals(pool.take(512 * KIB).bytes.length, BASE_BYTES);
  assertStrictEquals(pool.room(256 * KIB).bytes, BASE_BYTES);
  a.release();
  const room = pool.room(256 * KIB);
  assertEquals([room.bytes, pool.lentBytes], [256 * KIB, 768 * KIB]);
  room.release();
  room.release();
  b.release();
  assertEquals(pool.lentBytes, 0);
});

Deno.test("what comes back beyond the spare bytes is freed at once", () => {
  const pool = new BufferPool({ spareBytes: 512 * KIB });
  const [kept, freed] = [pool.take(512 * KIB), pool.take(512 * KIB)];
  kept.release();
  freed.release();
  assertEquals([kept.bytes.length, freed.bytes.length], [512 * KIB, 0]);
});

Deno.test("buffers for messages are given in the order in which they were asked for", async () => {
  const pool = new BufferPool({ maxMessages: 1 });
  const first = await pool.takeForMessage();
  const order: number[] = [];
  const later = [1, 2].map(async (number) => {
    const buffer = await pool.takeForMessage();
    order.push(number);
    assertEquals(buffer.bytes.length, MESSAGE_BYTES);
    buffer.release();
  });
  await Promise.resolve();
  assertEquals(order, []);
  first.release();
  await Promise.all(later);
  assertEquals(order, [1, 2]);
});
