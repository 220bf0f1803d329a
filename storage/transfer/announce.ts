/** Announcements after an upload has begun: the size or the checksum of the whole. */
import { StoreError } from "../contract/error.ts";
import { assertTakes } from "../core/max_upload.ts";
import { reserveFor } from "./reserve.ts";
import { takenOver } from "../contract/taken_over.ts";
import type { Upload } from "./upload.ts";

/**
 * Sets the size of the upload, as if it had begun with it.
 *
 * @throws {StoreError} `bad-request` where another size was announced, or more bytes have arrived;
 * `quota`
 */
export async function announceSize(upload: Upload, sizeBytes: number): Promise<void> {
  const { core, part: { record }, offset } = upload;
  if (record.sizeBytes === sizeBytes) return;
  if (record.sizeBytes !== null) {
    throw new StoreError("bad-request", `The upload was announced with ${record.sizeBytes} bytes`);
  }
  if (sizeBytes < offset) {
    throw new StoreError("bad-request", `The upload has ${offset} bytes already`, { offset });
  }
  assertTakes(core, sizeBytes);
  await upload.space.expect(sizeBytes - offset);
  await upload.record();
  await reserveFor(core, record, sizeBytes, offset);
  if (!await upload.part.content.announce({ sizeBytes })) throw takenOver(record.id);
}

/**
 * Sets the checksum of the upload, as if it had begun with it: the commit verifies it, through
 * every door (protocol).
 *
 * @returns false where another one was announced before: it is another file's upload
 */
export async function announceHash(upload: Upload, hash: string): Promise<boolean> {
  const { part: { record, content } } = upload;
  if (record.hash !== null) return record.hash === hash;
  await upload.record();
  if (!await content.announce({ hash })) throw takenOver(record.id);
  return true;
}
