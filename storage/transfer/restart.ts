/**
 * Restarts by offset, as FTP has them: a client says how many bytes it takes for stored, and not of
 * what (RFC 3659 section 5.3, docs/ftp.md).
 */
import { lookAtFile } from "../common/looks.ts";
import type { Access, Place } from "../access/access.ts";
import type { UploadRecord } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { nameOf } from "../contract/path.ts";
import { pendingAt, refuseOthers } from "./pending.ts";
import { offsetOf, takeUp } from "./resumes.ts";
import { assertSpelled, otherForm } from "../common/spelling.ts";
import type { UploadRequest } from "./transfers.ts";
import { openAppend, openBehindPrefix } from "./append.ts";
import { requireReadable } from "./target.ts";
import type { Upload } from "./upload.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * The last size of a name that the server sent to the client, before the client continues there.
 */
export interface ReportedSize {
  /** As the account sees it. */
  readonly path: string;
  /** Bytes of the file, or where the unfinished upload goes on. */
  readonly size: number;
  /** The unfinished upload that was listed at the name; undefined: it was the file's size. */
  readonly uploadId: string | undefined;
}

/**
 * Begins an upload whose first `offset` bytes exist: those of the unfinished upload that is listed
 * at the name, otherwise those of the file. The two are never mixed.
 *
 * @throws {StoreError} `offset` where there are fewer bytes, with the offset that would work;
 * `changed` where the name has other content than what the client was given; `denied` where the bytes are
 * of a file that the account may not read
 */
export async function openAt(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  offset: number,
  reported?: ReportedSize,
): Promise<{ upload: Upload }> {
  return spelled(request, await findAt(core, access, request, offset, reported));
}

async function findAt(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  offset: number,
  reported: ReportedSize | undefined,
): Promise<{ upload: Upload }> {
  const { place, pending } = await targetOf(core, access, request);
  if (reported?.size === offset && reported.uploadId !== pending?.record.id) throw changed();
  if (pending !== undefined) {
    const { record, active } = pending;
    // Another worker may hold more bytes than the last checkpoint records.
    const upload = active || offsetOf(core, record) >= offset
      ? await takeUpTo(core, access, record, request, offset)
      : undefined;
    if (upload !== undefined) return { upload };
    const { offset: most = 0 } = await pendingAt(core, access, place) ?? {};
    throw new StoreError("offset", `The unfinished upload has no ${offset} bytes`, {
      offset: most,
    });
  }
  await refuseOthers(core, access, place);
  const size = await fileSize(core, place) ?? 0;
  if (size > 0) await requireReadable(access, place); // before its size is disclosed
  if (size === offset) return await openAppend(core, access, request);
  if (size > offset) return await openBehindPrefix(core, access, request, offset);
  const message = `There are no ${offset} bytes to go on from`;
  throw new StoreError("offset", message, { offset: size });
}

/**
 * Begins an append to the file, or to the unfinished upload that is listed at its name.
 *
 * @throws {StoreError} `changed` where the name has other content than the server reported to the
 * client; `offset` where an unfinished upload has the name and the client has not requested its
 * size: the server cannot know whether the bytes continue it
 */
export async function openAppendOrResume(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  reported?: ReportedSize,
): Promise<{ upload: Upload }> {
  return spelled(request, await appendOrResume(core, access, request, reported));
}

async function appendOrResume(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  reported: ReportedSize | undefined,
): Promise<{ upload: Upload }> {
  const { place, pending } = await targetOf(core, access, request);
  if (reported !== undefined && reported.uploadId !== pending?.record.id) throw changed();
  if (pending === undefined) {
    await refuseOthers(core, access, place);
    if (reported !== undefined && reported.size !== await fileSize(core, place)) throw changed();
    return await openAppend(core, access, request);
  }
  // Its bytes may be the rest of that upload, the whole of it again, or a new line of a log.
  if (reported === undefined) {
    throw new StoreError(
      "offset",
      "An upload to this name was cut: ask for its SIZE and continue it there, or remove it",
      { offset: pending.offset },
    );
  }
  // It may have grown since.
  const offset = Math.min(reported.size, pending.offset);
  const upload = await takeUpTo(core, access, pending.record, request, offset);
  if (upload !== undefined) return { upload };
  throw new StoreError("offset", "The unfinished upload is damaged: ask for its size again", {
    offset: 0,
  });
}

/** The place of an upload, with the unfinished upload that is listed there. */
async function targetOf(core: VaultCore, access: Access, request: UploadRequest) {
  const place = await access.target(request.path, "w");
  await assertSpelled(core.tree, place, request.spelling);
  const pending = await pendingAt(core, access, place);
  if (isOtherForm(request, pending?.record)) throw otherForm(place.shown);
  return { place, pending };
}

function changed(): StoreError {
  return new StoreError("changed", "This name has other content now: ask for its size again");
}

/**
 * Returns the size of a file, or the offset at which the unfinished upload listed at its name
 * continues.
 *
 * @throws {StoreError} `not-found`, `is-directory`, `denied`
 */
export async function sizeOrOffset(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<ReportedSize> {
  const letters = await access.letters();
  if (letters.includes("w")) {
    const place = await access.target(text, "w").catch(() => undefined); // perhaps only readable
    const pending = place && await pendingAt(core, access, place);
    if (pending !== undefined) {
      return { path: text, size: pending.offset, uploadId: pending.record.id };
    }
  }
  const place = await access.place(text, "r");
  const { size } = (await lookAtFile(core.tree, place.owner, place.path)).entry;
  return { path: text, size, uploadId: undefined };
}

/** Takes an upload up at an offset; undefined where it turns out that less of it is right. */
async function takeUpTo(
  core: VaultCore,
  access: Access,
  record: UploadRecord,
  { ifExists = "overwrite" }: UploadRequest,
  offset: number,
): Promise<Upload | undefined> {
  const upload = await takeUp(core, access, record, { ifExists, maxBytes: offset });
  if (upload.offset === offset) return upload;
  await upload.suspend();
  return undefined;
}

async function fileSize(core: VaultCore, { owner, path }: Place): Promise<number | undefined> {
  const found = await core.tree.look(owner, path);
  return found?.entry.type === "file" ? found.entry.size : undefined;
}

/** Whether an upload was begun by a client that spells its name in another form. */
function isOtherForm({ spelling }: UploadRequest, record: UploadRecord | undefined): boolean {
  if (spelling === undefined || record?.spelling === undefined) return false;
  return nameOf(spelling) !== record.spelling;
}

/** An upload that is continued takes the spelling of the one who continues it. */
function spelled(
  { spelling }: UploadRequest,
  opened: { upload: Upload },
): { upload: Upload } {
  if (spelling !== undefined) opened.upload.part.record.spelling = nameOf(spelling);
  return opened;
}
