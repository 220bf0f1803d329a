/**
 * Uploads that are sent again: a client whose connection was lost before the last reply repeats the
 * upload with the same key. The record of the stored file remembers the key, so that every worker
 * knows it, also after a restart.
 */
import type { Access, Place } from "../access/access.ts";
import type { Catalog, FileRecord, UploadRecord } from "../contract/catalog.ts";
import type { Committed } from "./commit_job.ts";
import { isStoreError } from "../contract/error.ts";
import type { Part } from "./part.ts";
import { childOf, nameOf, parentOf } from "../contract/path.ts";
import { uploadTag } from "../contract/upload_tag.ts";
import { parseVersionName } from "../contract/version_name.ts";
import { dropPart, type UploadPlaces } from "./writer.ts";

/** How long a stored upload is remembered by its key, in ms. */
const MAX_AGE_MS = 3600 * 1000;
/** The file that an upload with this tag and content became less than an hour ago, if it is there. */
async function findStored(
  catalog: Catalog,
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

/** What an upload that is asked for became, where it was stored already. */
export async function findRepeated(
  catalog: Catalog,
  access: Access,
  place: Place,
  { key, hash }: { key?: string; hash?: string },
) {
  if (key === undefined || hash === undefined) return undefined;
  const { account } = access.principal;
  const tag = uploadTag({ account, owner: place.owner }, key);
  const stored = await findStored(catalog, place, tag, hash);
  if (stored === undefined) return undefined;
  const shown = childOf(parentOf(place.shown), nameOf(stored.path));
  return { path: shown, hash, size: stored.size, repeated: true };
}

/** An upload whose name turns out to be taken: where it was stored already, its part is dropped. */
export async function dropRepeated(
  places: UploadPlaces,
  { part, file, recorded }: { part: Part; file: FileRecord; recorded: boolean },
): Promise<Committed | undefined> {
  if (file.tag === undefined) return undefined;
  const stored = await findStored(places.catalog, part.record, file.tag, file.hash);
  if (stored === undefined) return undefined;
  part.content.close();
  await dropPart(places, part.record, { recorded });
  return stored;
}

/** Commits, where the upload was not stored already under the name that is refused to it now. */
export async function unlessStored(
  places: UploadPlaces,
  job: Parameters<typeof dropRepeated>[1],
  commit: () => Promise<Committed>,
): Promise<Committed> {
  try {
    return await commit();
  } catch (error) {
    // The same content again may be more than the quota has left.
    const again = isStoreError(error, "exists", "quota");
    const stored = again ? await dropRepeated(places, job) : undefined;
    if (stored === undefined) throw error;
    return stored;
  }
}
