import { eachUpload } from "../../common/each_upload.ts";
import { dropPart } from "../parts/writer.ts";
import type { UploadPlaces } from "../places.ts";

/** Removes suspended uploads that were last touched before `beforeMs`. @returns their ids */
export async function expireUploads(places: UploadPlaces, beforeMs: number): Promise<string[]> {
  const expired: string[] = [];
  const { catalog } = places;
  for await (const record of eachUpload((page) => catalog.uploads(undefined, page))) {
    if (record.updatedMs >= beforeMs || record.holder !== null) continue;
    if (await dropPart(places, record)) expired.push(record.id); // else just taken up
  }
  return expired;
}
