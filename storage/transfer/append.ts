/** Uploads that begin with content of the file that they will replace: appends, and restarts in it. */
import type { Access, Place } from "../access/access.ts";
import type { Content } from "../contract/entry.ts";
import { StoreError } from "../contract/error.ts";
import { readSlices } from "../common/slices.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { mayContinue, prepareTarget, requireReadable } from "./target.ts";
import { begin, type UploadRequest } from "./transfers.ts";
import type { Upload } from "./upload.ts";

/**
 * Begins an append: an upload of the whole result whose first bytes are the file's content. It
 * needs only the permission w, as for a log or a drop box; without r it is dropped when it is cut.
 */
export async function openAppend(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
): Promise<{ upload: Upload }> {
  const place = await access.target(request.path, "w");
  const taken = await prepareTarget(core, access, place, request.makeDirectories ?? false);
  const ifExists = request.ifExists === "keep" ? "keep" : "overwrite";
  if (!taken) {
    return { upload: await begin(core, access, place, request, ifExists, false, "") };
  }
  const { content, record } = await core.tree.open(place.owner, place.path);
  try {
    if (request.sizeBytes !== undefined && request.sizeBytes < record.size) {
      throw new StoreError(
        "bad-request",
        `The whole result cannot be smaller than the ${record.size} bytes there are`,
      );
    }
    const upload = await begin(core, access, place, request, ifExists, true, record.hash);
    upload.keeps = await mayContinue(access, upload.part.record);
    await takeOver(upload, content, record.size, record.hash);
    return { upload };
  } finally {
    content.close();
  }
}

/**
 * Begins an upload whose first `length` bytes are those of the file that it will replace.
 *
 * @throws {StoreError} `offset` where the file is shorter; `denied` where it may not be read
 */
export async function openBehindPrefix(
  core: VaultCore,
  access: Access,
  request: UploadRequest,
  length: number,
): Promise<{ upload: Upload }> {
  const place = await access.target(request.path, "w");
  await requireReadable(access, place);
  const { content, record } = await core.tree.open(place.owner, place.path);
  try {
    if (record.size < length) {
      const message = `"${place.shown}" has ${record.size} bytes only`;
      throw new StoreError("offset", message, { offset: record.size });
    }
    if (record.damaged) throw damaged(place);
    const ifExists = request.ifExists === "keep" ? "keep" : "overwrite";
    const upload = await begin(core, access, place, request, ifExists, true, record.hash);
    await takeOver(upload, content, length, length === record.size ? record.hash : undefined);
    return { upload };
  } finally {
    content.close();
  }
}

/**
 * Makes the content of a file the beginning of an upload. @param hash expected hash of the content
 */
async function takeOver(
  upload: Upload,
  content: Content,
  length: number,
  hash: string | undefined,
): Promise<void> {
  try {
    await readSlices(content, length, (slice) => upload.write(slice));
    if (upload.offset !== length || (hash !== undefined && upload.part.digest() !== hash)) {
      throw damaged(upload.place);
    }
  } catch (error) {
    await upload.discard();
    throw error;
  }
}

function damaged({ shown }: Place): StoreError {
  return new StoreError("checksum", `"${shown}" is damaged and cannot be appended to`);
}
