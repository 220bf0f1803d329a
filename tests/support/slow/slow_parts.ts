/** Stores whose parts are written late: for tests of who may change a buffer, and when. */
import { delay } from "@std/async";
import { Buffer } from "node:buffer";
import type { Store, StoredPart } from "../../../storage/disk/interfaces/store.ts";

/**
 * Makes every write to a part read its bytes only after a random time, up to `maxMs`, as a busy disk
 * does, and compare them then with what they were when the write was called.
 *
 * @returns how many writes found other bytes than they were called with
 */
export function slowDown(store: Store, maxMs = 20): { readonly changed: number } {
  const seen = { changed: 0 };
  const slow = (part: StoredPart): StoredPart => {
    const write = part.write.bind(part);
    part.write = async (bytes, offset) => {
      const before = bytes.slice();
      await delay(Math.random() * maxMs);
      if (Buffer.compare(bytes, before) !== 0) seen.changed++;
      await write(bytes, offset);
    };
    return part;
  };
  const { createPart, openPart } = store;
  store.createPart = async (...place) => slow(await createPart.apply(store, place));
  store.openPart = async (...place) => slow(await openPart.apply(store, place));
  return seen;
}
