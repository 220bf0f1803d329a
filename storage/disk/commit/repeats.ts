/**
 * Uploads that are sent again: a client whose connection was lost before the last reply repeats the
 * upload with the same key. The record of the stored file remembers the key, so that every worker
 * knows it, also after a restart.
 */
import type { DiskCatalog, FileRecord, UploadRecord } from "../interfaces/disk_catalog.ts";
import type { Committed } from "../../contract/tree.ts";
import { isStoreError } from "../../contract/error.ts";
import type { DiskPart } from "../parts/disk_part.ts";
import { nameOf } from "../../contract/path.ts";
import { parseVersionName } from "../../contract/version_name.ts";
import type { UploadPlaces } from "../interfaces/places.ts";

/** How long a stored upload can be found by its key, ms. */
const MAX_AGE_MS = 3600 * 1000;

/** The file that an upload with this tag and content became less than an hour ago, if it is there. */
export async function findStored(
  catalog: DiskCatalog,
  { owner, path }: Pick<UploadRecord, "owner" | "path">,
  tag: string,
  hash: string,
): Promise<Committed | undefined> {
  const stored = await catalog.storedUpload(owner, path, tag);
  if (stored === undefined || stored.file.hash !== hash) return undefined;
  if (Date.now() - stored.file.storedMs >= MAX_AGE_MS) return undefined;
  return {
    ...stored.file,
    path: stored.path,
    version: parseVersionName(nameOf(stored.path)).version,
    repeated: true,
  };
}

/** An upload whose name turns out to be taken: where it was stored already, its part is dropped. */
export async function dropRepeated(
  places: UploadPlaces,
  { part, file }: { part: DiskPart; file: FileRecord },
): Promise<Committed | undefined> {
  if (file.tag === undefined) return undefined;
  const stored = await findStored(places.catalog, part.record, file.tag, file.hash);
  if (stored === undefined) return undefined;
  await part.discard();
  return stored;
}

/**
 * The file that a refused upload became earlier, under the name that is refused to it now.
 *
 * @param error why it was refused
 * @throws {StoreError} that error, where the upload was not stored before
 */
export async function unlessStored(
  places: UploadPlaces,
  job: Parameters<typeof dropRepeated>[1],
  error: unknown,
): Promise<Committed> {
  // The same content again may be more than the quota has left.
  const again = isStoreError(error, "exists", "quota");
  const stored = again ? await dropRepeated(places, job) : undefined;
  if (stored === undefined) throw error;
  return stored;
}
