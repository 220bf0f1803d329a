/** Reading the prefix of an upload that is taken up, to hash it and to find damage. */
import { readSlices } from "../../common/slices.ts";
import { isStoreError, StoreError } from "../../contract/error.ts";
import { RunningHash } from "../../contract/running_hash.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { endOf, type Piece } from "../content/piece.ts";
import { PiecesContent } from "../content/pieces_content.ts";
import type { ClusterPlaces } from "./places.ts";

/** Content that is not what was recorded: only the bytes before it count. */
class DamagedPrefix extends Error {
  /** @param soundBytes offset of the last checkpoint that the content still matches */
  constructor(readonly soundBytes: number, cause: unknown) {
    super(`The content is sound up to byte ${soundBytes}`, { cause });
  }
}

/**
 * Hashes pieces, and compares them with the hashes that checkpoints recorded.
 *
 * @param stopped whether the result is needed no more
 * @throws {DamagedPrefix}
 */
export async function verifyPrefix(
  { store }: Pick<ClusterPlaces, "store">,
  pieces: readonly Piece[],
  stopped: () => boolean = () => false,
): Promise<RunningHash> {
  const running = RunningHash.begin();
  let soundBytes = 0;
  for (const piece of pieces) {
    const content = new PiecesContent(store, [{ ...piece, start: 0 }], 0);
    try {
      const read = await readSlices(content, piece.size, (slice) => {
        if (stopped()) throw new StoreError("aborted", "The upload is checked no further");
        running.update(slice);
      });
      if (read !== piece.size) throw new StoreError("io", "A part of the content is missing");
      if (piece.hash !== undefined) {
        if (running.digest() !== piece.hash) {
          throw new StoreError("checksum", "The content differs from its checkpoint");
        }
        soundBytes = endOf([piece]);
      }
    } catch (error) {
      if (isStoreError(error, "unreachable") || stopped()) throw error;
      throw new DamagedPrefix(soundBytes, error);
    } finally {
      content.close();
    }
  }
  return running;
}

/** Cuts a damaged upload back, and releases it. @returns the error for its writer */
export async function cutToSound(
  { database }: Pick<ClusterPlaces, "database">,
  { id, writer, offsetBytes }: UploadRecord,
  error: unknown,
): Promise<unknown> {
  const bytes = error instanceof DamagedPrefix ? error.soundBytes : undefined;
  try {
    if (bytes !== undefined) {
      await database.repeat((sql) => sql`SELECT upload_cut(${id}, ${writer}, ${bytes})`);
    }
    const kept = bytes ?? offsetBytes;
    await database.repeat((sql) => sql`SELECT upload_release(${id}, ${writer}, ${kept})`);
  } catch (failure) {
    return failure;
  }
  if (bytes === undefined) return error;
  const message = "The upload's content was damaged, and is kept up to the damage; resume it again";
  return new StoreError("io", message, { uploadId: id, offset: bytes }, { cause: error });
}
