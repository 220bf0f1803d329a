/**
 * Makes every write to a file slow: it takes its bytes only after a random time, and takes its time
 * to answer. Bytes that change meanwhile were lent, and used again: the error that says
 * so is thrown where nothing catches it, which fails a test file and ends a server.
 *
 * Importing the module switches it on, for the whole isolate. `slow_main.ts` is the server with it.
 */
import { delay } from "@std/async";
import { Buffer } from "node:buffer";
import { buffers } from "../../../buffers/pool.ts";

/** Line that a server with such a fault writes to stderr. */
export const BUFFER_CHANGED = "A buffer changed while it was lent to a write";

/** Longest time before a write takes its bytes, and again before it answers, ms. */
const MAX_DELAY_MS = 8;
/** Smaller writes are not delayed: there are thousands of them. */
const MIN_SLOW_BYTES = 16 * 1024;
/** A blocking write, or sync, that takes so long makes Towpath write in the background. */
const SLOW_CALL_MS = 1;

// Buffers are overwritten as soon as they are released: who uses one later reads other bytes.
buffers.poisons = true;

const file = Deno.FsFile.prototype;
const { write, writeSync, syncSync } = file;

file.write = async function (this: Deno.FsFile, bytes: Uint8Array): Promise<number> {
  if (bytes.length < MIN_SLOW_BYTES) return await write.call(this, bytes);
  const before = bytes.slice();
  await pause();
  needSame(bytes, before);
  const count = await write.call(this, bytes);
  await pause();
  needSame(bytes, before);
  return count;
};

file.writeSync = function (this: Deno.FsFile, bytes: Uint8Array): number {
  if (bytes.length >= MIN_SLOW_BYTES) block();
  return writeSync.call(this, bytes);
};

file.syncSync = function (this: Deno.FsFile): void {
  block();
  syncSync.call(this);
};

function pause(): Promise<void> {
  return delay(Math.random() * MAX_DELAY_MS);
}

function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_CALL_MS);
}

function needSame(bytes: Uint8Array, before: Uint8Array): void {
  if (Buffer.compare(bytes, before) === 0) return;
  console.error(BUFFER_CHANGED); // of a worker that is started again this is all that stays
  queueMicrotask(() => {
    throw new Error(BUFFER_CHANGED);
  });
}
