/** The right to write an unfinished upload, and its end. */
import type { DiskCatalog, UploadRecord } from "../interfaces/disk_catalog.ts";
import type { UploadPlaces } from "../interfaces/places.ts";

/**
 * Takes an upload out of everybody's reach before its part is removed, so that nothing is removed
 * under a later writer.
 *
 * @param record its number of the writer has to be the current one; it is the new one afterwards
 * @returns whether it was
 */
async function withdraw(
  catalog: DiskCatalog,
  record: UploadRecord,
  holder: string,
): Promise<boolean> {
  const taken = await catalog.takeUpload(record.id, holder, record.writer);
  if (typeof taken === "string") return false;
  record.writer = taken.writer;
  return true;
}

/**
 * Removes an upload's part and its record, unless it has another writer by now.
 *
 * @param how `recorded`: whether the catalog has a record of it; `aside`: the part is not removed but
 * put where an operator finds it
 * @returns whether it was removed
 */
export async function dropPart(
  { store, catalog, holder }: UploadPlaces,
  record: UploadRecord,
  { recorded = true, aside = false }: { recorded?: boolean; aside?: boolean } = {},
): Promise<boolean> {
  if (recorded && !await withdraw(catalog, record, holder)) return false;
  if (aside) await store.setPartAside(record.owner, record.id);
  else await store.removePart(record.owner, record.id);
  if (recorded) await catalog.removeUpload(record);
  return true;
}
