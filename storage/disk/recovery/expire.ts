import { eachOf } from "../../common/each_page.ts";
import { isStoreError } from "../../contract/error.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { dropPart } from "../parts/writer.ts";
import type { UploadPlaces } from "../interfaces/places.ts";

/** A mounted disk may come back: what lies on it is left alone until then. */
function whileMountIsGone(error: unknown): false {
  if (isStoreError(error, "unreachable")) return false;
  throw error;
}

/** Removes suspended uploads that were last touched before `beforeMs`. @returns their ids */
export async function expireUploads(places: UploadPlaces, beforeMs: number): Promise<string[]> {
  const expired: string[] = [];
  const { catalog } = places;
  for await (const record of eachOf<UploadRecord>((page) => catalog.uploads(undefined, page))) {
    if (record.updatedMs >= beforeMs || record.holder !== null) continue;
    const isDropped = await dropPart(places, record).catch(whileMountIsGone);
    if (isDropped) expired.push(record.id); // else just taken up
  }
  return expired;
}
