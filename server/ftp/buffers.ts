/** Memory of transfers, given back at once: it would be much until it is collected. */

import { READ_BYTES } from "./channel.ts";

/** Buffers that are kept for the connections to come, all of `READ_BYTES`. */
const MOST_SPARE = 8;

const spare: Uint8Array<ArrayBuffer>[] = [];

/** A buffer of so many bytes, whose content is anything. */
export function borrow(bytes: number): Uint8Array<ArrayBuffer> {
  return (bytes === READ_BYTES ? spare.pop() : undefined) ?? new Uint8Array(bytes);
}

/** Gives a borrowed buffer back, which nothing may use from then on. */
export function giveBack(buffer: Uint8Array<ArrayBuffer>): void {
  if (buffer.length === READ_BYTES && spare.length < MOST_SPARE) spare.push(buffer);
}

/** What is smaller costs more to give back than it weighs until it is collected. */
const LEAST_FREED = 8 * 1024;

/** Frees what nothing uses any more; a view of something larger is left alone. */
export function free(bytes: Uint8Array): void {
  if (bytes.length < LEAST_FREED) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0);
}
