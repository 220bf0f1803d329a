// The pool of buffers: counting, the budget, and what happens to a buffer that comes back.

import assert from "node:assert/strict";
import { BASE_BYTES, BufferPool, MESSAGE_BYTES } from "../buffers/pool.ts";

const KIB = 1024;

Deno.test("a buffer is lent again only when its last holder has released it", () => {
  const pool = new BufferPool();
  const first = pool.take(512 * KIB);
  first.retain();
  first.release();
  assert.notEqual(pool.take(512 * KIB).bytes, first.bytes);
  first.release();
  assert.equal(pool.take(512 * KIB).bytes, first.bytes);
  assert.throws(() => first.release(), /given back twice/);
  assert.throws(() => first.retain(), /after it was given back/);
});

Deno.test("beyond the budget transfers get the smallest buffers, and large ones again later", () => {
  const pool = new BufferPool({ budgetBytes: 1024 * KIB });
  const [a, b] = [pool.take(512 * KIB), pool.take(512 * KIB)];
  assert.equal(pool.lentBytes, 1024 * KIB);
  assert.equal(pool.tryTake(64 * KIB), undefined);
  assert.equal(pool.take(512 * KIB).bytes.length, BASE_BYTES);
  assert.equal(pool.room(256 * KIB).bytes, BASE_BYTES);
  a.release();
  const room = pool.room(256 * KIB);
  assert.deepEqual([room.bytes, pool.lentBytes], [256 * KIB, 768 * KIB]);
  room.release();
  room.release();
  b.release();
  assert.equal(pool.lentBytes, 0);
});

Deno.test("what comes back beyond the spare bytes is freed at once", () => {
  const pool = new BufferPool({ spareBytes: 512 * KIB });
  const [kept, freed] = [pool.take(512 * KIB), pool.take(512 * KIB)];
  kept.release();
  freed.release();
  assert.deepEqual([kept.bytes.length, freed.bytes.length], [512 * KIB, 0]);
});

Deno.test("buffers for messages are given in the order in which they were asked for", async () => {
  const pool = new BufferPool({ maxMessages: 1 });
  const first = await pool.takeForMessage();
  const order: number[] = [];
  const later = [1, 2].map(async (number) => {
    const buffer = await pool.takeForMessage();
    order.push(number);
    assert.equal(buffer.bytes.length, MESSAGE_BYTES);
    buffer.release();
  });
  await Promise.resolve();
  assert.deepEqual(order, []);
  first.release();
  await Promise.all(later);
  assert.deepEqual(order, [1, 2]);
});
