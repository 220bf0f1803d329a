/** Tells the size of an upload that began without one. */
import { StoreError } from "../contract/error.ts";
import { assertTakes } from "../core/max_upload.ts";
import { reserveFor } from "./reserve.ts";
import { takenOver } from "../contract/taken_over.ts";
import type { Upload } from "./upload.ts";

/**
 * From now on the upload has this size, as if it had begun with it.
 *
 * @throws {StoreError} `bad-request` where another one was told, or more has come already; `quota`
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
  upload.space.expect(sizeBytes - offset);
  await upload.record();
  await reserveFor(core.parts, record, sizeBytes, offset);
  if (!await upload.part.content.setSize(sizeBytes)) throw takenOver(record.id);
}
