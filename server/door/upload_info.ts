/** Unfinished uploads as administrators see them, through a door or on the data directory. */
import type { SetAside } from "../../storage/contract/engine.ts";
import type { UnfinishedUpload } from "../../storage/transfer/resumes.ts";

/** Members of {@linkcode uploadInfo}. */
export const UPLOAD_INFO =
  "{temp_id, username, owner, shown, filename, file_size, offset, updated, expires, active}";

/** Members of {@linkcode setAsideInfo}. */
export const SET_ASIDE_INFO = "{temp_id, username, bytes, expires}";

/** An unfinished upload. */
export function uploadInfo(
  { record, offset, expiresMs, active }: Omit<UnfinishedUpload, "guest">,
) {
  return {
    temp_id: record.id,
    username: record.account,
    owner: record.owner,
    shown: record.shownPath,
    filename: record.path,
    file_size: record.sizeBytes,
    offset,
    updated: record.updatedMs,
    expires: expiresMs,
    active,
  };
}

/** Content of no known upload. */
export function setAsideInfo({ id, owner, bytes, atMs }: SetAside, partTtlMs: number) {
  return { temp_id: id, username: owner, bytes, expires: atMs + partTtlMs };
}
