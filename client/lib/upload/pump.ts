import { CHUNK_BYTES, HEADER_BYTES } from "../../../protocol/wire.ts";
import type { Client } from "../connection/client.ts";
import type { Connection } from "../connection/connection.ts";
import { Interrupted } from "../common/error.ts";
import type { PrefixHash } from "../local/prefix.ts";
import { changed, type UploadSource } from "./upload_source.ts";

/**
 * Sends a source from the position of its hash to its end, in DATA frames; each byte is read and
 * hashed once.
 *
 * @param ended whether the server has ended the upload
 * @returns whether all was sent; false where the server ended the upload before
 * @throws {Interrupted} when the client's signal comes; no write is running then
 */
export async function pump(
  client: Client,
  connection: Connection,
  source: UploadSource,
  hash: PrefixHash,
  ended: () => boolean,
  onSent: (offset: number) => void,
): Promise<boolean> {
  const { rate, signal } = client;
  const chunkBytes = rate?.chunkBytes ?? CHUNK_BYTES;
  // Two buffers: one is filled and hashed while the other is on its way.
  let filling = new Uint8Array(HEADER_BYTES + chunkBytes);
  let leaving = new Uint8Array(HEADER_BYTES + chunkBytes);
  let writing: Promise<void> | undefined;
  try {
    for (;;) {
      if (signal?.aborted) throw new Interrupted();
      if (ended()) break;
      const left = source.size === undefined ? chunkBytes : source.size - hash.offset;
      const room = filling.subarray(HEADER_BYTES, HEADER_BYTES + Math.min(left, chunkBytes));
      const read = room.length === 0 ? 0 : source.read(room);
      const count = typeof read === "number" ? read : await read;
      if (count === 0) break;
      hash.update(room.subarray(0, count));
      if (rate !== undefined) {
        await connection.pause(rate.take(count, signal));
        if (signal?.aborted) throw new Interrupted();
      }
      if (writing !== undefined) await writing;
      writing = connection.data(filling.subarray(0, HEADER_BYTES + count));
      writing.catch(() => {});
      [filling, leaving] = [leaving, filling];
      onSent(hash.offset);
    }
  } finally {
    // Frames must not mix with those sent next.
    await writing?.catch(() => {});
  }
  if (ended()) return false;
  await writing;
  if (source.size === undefined) return true;
  // More than was announced would be left out without a word.
  if (hash.offset !== source.size || await source.read(new Uint8Array(1)) > 0) {
    throw changed(source.title);
  }
  return true;
}
