/** Unfinished uploads whose content was removed from the disk by other means. */
import type { UploadRecord } from "../interfaces/disk_catalog.ts";
import { isStoreError } from "../../contract/error.ts";
import type { Store } from "../interfaces/store.ts";
import { eachOf } from "../../common/each_page.ts";
import { dropPart } from "./writer.ts";
import type { UploadPlaces } from "../interfaces/places.ts";

/**
 * Removes suspended uploads without content, so that they hold no quota. An account whose whole
 * directory is missing is skipped: its disk may come back.
 */
export async function dropGoneParts(places: UploadPlaces): Promise<void> {
  const { catalog } = places;
  for await (const record of eachOf<UploadRecord>((page) => catalog.uploads(undefined, page))) {
    if (record.holder !== null || !await isGone(places.store, record)) continue;
    if (await places.store.stat(record.owner, "/").catch(() => undefined) === undefined) continue;
    await dropPart(places, record);
  }
}

/** Whether an upload has no content any more; a mounted disk that is away may come back. */
async function isGone(store: Store, record: UploadRecord): Promise<boolean> {
  try {
    return await partState(store, record) === "gone";
  } catch (error) {
    if (isStoreError(error, "unreachable")) return false;
    throw error;
  }
}

/**
 * Whether the content of an unfinished upload is there, as far as the catalog knows it to be safe.
 *
 * @throws {StoreError} `io` where it cannot be opened
 */
export async function partState(
  store: Store,
  { owner, id, offsetBytes }: UploadRecord,
): Promise<"there" | "short" | "gone"> {
  try {
    const part = await store.openPart(owner, id);
    try {
      return await part.size() < offsetBytes ? "short" : "there";
    } finally {
      part.close();
    }
  } catch (error) {
    if (isStoreError(error, "transfer-not-found")) return "gone";
    throw error;
  }
}
