import type { OpenedPart } from "../../contract/parts.ts";
import type { UploadRecord } from "../../contract/upload_record.ts";
import { agreeingPrefixes } from "../../common/agreeing_prefixes.ts";
import type { Places } from "../interfaces/places.ts";
import { safePrefixes } from "./checkpoint.ts";
import { DiskPart } from "./disk_part.ts";

/**
 * Opens a part again: hashes its content, and cuts it back to the last checkpoint that it still
 * matches.
 *
 * @param how `maxBytes`: maximum to keep, a longer safe prefix is cut to it; `apart`: an earlier
 * writer may still write to the part, which is copied; likewise if the store knows of such a writer
 */
export async function reopen(
  places: Places,
  record: UploadRecord,
  { maxBytes, apart }: { maxBytes: number; apart: boolean },
): Promise<OpenedPart> {
  const { store } = places;
  const { owner, id } = record;
  const known = safePrefixes(record, await store.loadCheckpoint(owner, id));
  const length = Math.min(maxBytes, known.at(-1)?.offset ?? 0);
  let file = apart ? undefined : await store.openPart(owner, id);
  if (file?.claim() === false) {
    file.close();
    file = undefined;
  }
  const copied = file === undefined;
  if (file === undefined) {
    file = await store.renewPart(owner, id, length);
    file.claim();
  }
  try {
    const { safe, hash } = await agreeingPrefixes(file, await file.size(), known, maxBytes);
    const offset = safe.at(-1)?.offset ?? 0;
    const content = DiskPart.resumed(places, record, file, safe);
    if (await file.size() !== offset) await file.truncate(offset);
    if (offset !== (known.at(-1)?.offset ?? 0)) await content.save(true);
    if (copied) await content.save(true); // under the new writer's number
    return { content, offset, hash: Promise.resolve(hash) };
  } catch (error) {
    file.close();
    throw error;
  }
}
