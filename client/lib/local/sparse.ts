/** Runs of zeros, which a file system stores as holes that take no space. */
import { Buffer } from "node:buffer";

/** Shortest run of zeros that becomes a hole, in bytes. */
const HOLE_BYTES = 64 * 1024;

const zeros = new Uint8Array(HOLE_BYTES);
const none: readonly Hole[] = [];

/** A run of zeros within a piece of content: from `start` up to, and without, `end`. */
export interface Hole {
  start: number;
  end: number;
}

/**
 * Finds the runs of zeros in a piece of content, in steps of {@linkcode HOLE_BYTES}. In other
 * content it reads only one byte of each step.
 */
export function findHoles(bytes: Uint8Array): readonly Hole[] {
  if (bytes.length < HOLE_BYTES) return none;
  let holes: Hole[] | undefined;
  for (let start = 0; start < bytes.length; start += HOLE_BYTES) {
    const end = Math.min(start + HOLE_BYTES, bytes.length);
    if (bytes[start] !== 0 || bytes[end - 1] !== 0) continue;
    const block = bytes.subarray(start, end);
    if (Buffer.compare(block, zeros.subarray(0, block.length)) !== 0) continue;
    const last = holes?.at(-1);
    if (last?.end === start) last.end = end;
    else if (block.length === HOLE_BYTES) (holes ??= []).push({ start, end });
  }
  return holes ?? none;
}
