import { eachOf } from "../../common/each_page.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { dropPart } from "../parts/writer.ts";
import type { UploadPlaces } from "../interfaces/places.ts";

/** Removes suspended uploads that were last touched before `beforeMs`. @returns their ids */
export async function expireUploads(places: UploadPlaces, beforeMs: number): Promise<string[]> {
  const expired: string[] = [];
  const { catalog } = places;
  for await (const record of eachOf<UploadRecord>((page) => catalog.uploads(undefined, page))) {
    if (record.updatedMs >= beforeMs || record.holder !== null) continue;
    if (await dropPart(places, record)) expired.push(record.id); // else just taken up
  }
  return expired;
}
