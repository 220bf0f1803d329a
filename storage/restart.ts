/**
 * Restarts by offset, as FTP has them: a client says how many bytes it takes for stored, and not of
 * what (RFC 3659 section 5.3, docs/ftp.md).
 */
import type { Access, Place } from "./access.ts";
import type { UploadRecord } from "./catalog.ts";
import { StoreError } from "./error.ts";
import { offsetOf, recordsAt, takeUp } from "./resumes.ts";
import { openAppend, openBehindPrefix, type UploadRequest } from "./transfers.ts";
import type { Upload } from "./upload.ts";
import type { VaultCore } from "./vault_core.ts";

/**
 * Begins an upload whose first `offset` bytes are there: of a file of just this size, of an
 * unfinished upload with at least as many safe bytes, or of a larger file, in this order.
 *
 * @throws {StoreError} `offset` where there is none of these; tells what would do
 */
export async function openAt(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  offset: number,
): Promise<{ upload: Upload }> {
  return spelled(request, await findAt(core, access, request, offset));
}

async function findAt(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  offset: number,
): Promise<{ upload: Upload }> {
  const place = await access.target(request.path, "w");
  const size = await fileSize(core, place);
  if (size === offset) return await openAppend(core, access, request);
  const records = await recordsAt(core, access, place);
  for (const record of records.filter((record) => offsetOf(core, record) >= offset)) {
    const upload = await takeUpTo(core, access, record, request, offset);
    if (upload !== undefined) return { upload };
  }
  if (size !== undefined && size > offset) {
    return await openBehindPrefix(core, access, request, offset);
  }
  const most = size ?? Math.max(0, ...records.map((record) => offsetOf(core, record)));
  throw new StoreError("offset", `There are no ${offset} bytes to go on from`, { offset: most });
}

/**
 * Begins an append; where there is no such file, an unfinished upload of the account to that name
 * is continued.
 */
export async function openAppendOrResume(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Promise<{ upload: Upload }> {
  return spelled(request, await appendOrResume(core, access, request));
}

async function appendOrResume(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Promise<{ upload: Upload }> {
  const place = await access.target(request.path, "w");
  if (await fileSize(core, place) === undefined) {
    const [record] = await recordsAt(core, access, place);
    if (record !== undefined) {
      const ifExists = request.ifExists ?? "overwrite";
      return { upload: await takeUp(core, access, record, { ifExists }) };
    }
  }
  return await openAppend(core, access, request);
}

/**
 * The size of a file; where there is none of that name, the offset from which an unfinished upload
 * of the account to it would be continued.
 *
 * @throws {StoreError} `not-found`, `is-directory`, `denied`
 */
export async function sizeOrOffset(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<number> {
  const letters = await access.letters();
  if (letters.includes("w")) {
    const place = await access.target(text, "w").catch(() => undefined); // perhaps only readable
    if (place !== undefined && await core.look(place.owner, place.path) === undefined) {
      const [record] = await recordsAt(core, access, place);
      if (record !== undefined) return offsetOf(core, record);
    }
  }
  const place = await access.place(text, "r");
  return (await core.lookAtFile(place.owner, place.path)).entry.size;
}

/** Takes an upload up at an offset; undefined where it turns out that less of it is right. */
async function takeUpTo(
  core: VaultCore,
  access: Access,
  record: UploadRecord,
  { ifExists = "overwrite" }: UploadRequest,
  offset: number,
): Promise<Upload | undefined> {
  const upload = await takeUp(core, access, record, { ifExists, mostBytes: offset });
  if (upload.offset === offset) return upload;
  await upload.suspend();
  return undefined;
}

async function fileSize(core: VaultCore, { owner, path }: Place): Promise<number | undefined> {
  const found = await core.look(owner, path);
  return found?.entry.type === "file" ? found.entry.size : undefined;
}

/** An upload that is continued takes the spelling of the one who continues it. */
function spelled(
  { spelling }: UploadRequest,
  opened: { upload: Upload },
): { upload: Upload } {
  opened.upload.part.spelling = spelling;
  return opened;
}
