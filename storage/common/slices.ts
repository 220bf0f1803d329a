/** Long work on content in slices, so that other sessions are answered in between. */
import { setImmediate } from "node:timers";
import { RunningHash } from "../contract/running_hash.ts";

/** Bytes read and hashed before others get their turn: about 1 ms of work. */
const SLICE_BYTES = 1024 * 1024;

/** Maximum time, ms, that paced work delays other work. */
const PACE_MS = 10;

/** Lets everything that is ready run once: a macrotask, where `await` alone would not let I/O in. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Turns of the event loop between two slices: a request that has arrived is read in one, answered in
 * the next and its reply written in a third. Were there a slice in each of them, it would wait for all.
 */
const TURNS_BETWEEN = 4;

/** Paced work that waits for its next slice, the longest waiting first. */
const waiting: (() => void)[] = [];
/** When the slice ends that was given last, as `performance.now()` has it. */
let sliceEndMs = 0;

/**
 * Resolves with the next slice of paced work. Between two slices the event loop polls its sockets
 * and runs everything that is ready. All paced work together gets one slice at a time, so that it
 * delays other work no longer than one piece does.
 */
export function nextSlice(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setTimeout(approachSlice, 0, TURNS_BETWEEN);
  });
}

/**
 * The event loop is certain to poll its sockets only when it waits for a timer; with constant work
 * it may skip them.
 */
function approachSlice(turnsLeft: number): void {
  setImmediate(turnsLeft > 1 ? () => approachSlice(turnsLeft - 1) : giveSlice);
}

function giveSlice(): void {
  sliceEndMs = performance.now() + PACE_MS;
  waiting.shift()!();
  // Not before the slice is over: a timer that has run out by then is no wait.
  if (waiting.length > 0) setImmediate(() => setTimeout(approachSlice, 0, TURNS_BETWEEN));
}

/** Paces long work in memory that goes from item to item. */
export class Pace {
  #endMs: number;

  constructor() {
    // Work within paced work continues in the running slice: it gets none of its own.
    const now = performance.now();
    this.#endMs = sliceEndMs > now ? sliceEndMs : now + PACE_MS;
  }

  /** A pause, where others have waited long enough; await it where it is not undefined. */
  turn(): Promise<void> | undefined {
    if (performance.now() < this.#endMs) return undefined;
    return nextSlice().then(() => {
      this.#endMs = sliceEndMs;
    });
  }
}

/** A source of bytes by offset: content or a part. */
export interface Readable {
  readAsync(into: Uint8Array, offsetBytes: number): Promise<number>;
}

/**
 * Reads `length` bytes in slices. The next one is read into the same buffer once `use` has resolved.
 *
 * @returns bytes read: fewer than `length` only where the content ended
 */
export async function readSlices(
  source: Readable,
  length: number,
  use: (slice: Uint8Array, offset: number) => void | Promise<void>,
): Promise<number> {
  const buffer = new Uint8Array(Math.min(SLICE_BYTES, Math.max(length, 1)));
  let offset = 0;
  while (offset < length) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, length - offset));
    const count = await source.readAsync(wanted, offset);
    if (count === 0) break;
    await use(wanted.subarray(0, count), offset);
    offset += count;
  }
  return offset;
}

/** SHA-256 (hex) and CRC-32 of content, and how many bytes it had. */
export async function hashContent(
  source: Readable,
  length: number,
): Promise<{ hash: string; crc: number; length: number }> {
  const running = RunningHash.begin();
  const read = await readSlices(source, length, (slice) => running.update(slice));
  return { ...running.sums(), length: read };
}
