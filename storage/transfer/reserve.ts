import type { UploadRecord } from "../contract/upload_record.ts";
import { takenOver } from "../contract/taken_over.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { overQuota } from "./upload_errors.ts";

/** Bytes reserved at a time while the size is not known. */
const STEP_BYTES = 16 * 1024 * 1024;

/**
 * Reserves `bytes` of the owner's quota for an upload that has a record.
 *
 * @param offset its bytes that have arrived, for the error
 * @throws {StoreError} `quota`; `aborted` where the upload has another writer by now
 */
export async function reserveFor(
  core: VaultCore,
  record: UploadRecord,
  bytes: number,
  offset: number,
): Promise<void> {
  const { parts } = core;
  if (bytes <= record.reservedBytes) return;
  const wanted = record.sizeBytes ?? bytes + STEP_BYTES;
  for (const amount of wanted > bytes ? [wanted, bytes] : [bytes]) {
    if (!await parts.reserve(record, amount)) continue;
    record.reservedBytes = amount;
    return;
  }
  if ((await parts.get(record.id))?.writer !== record.writer) throw takenOver(record.id);
  throw await overQuota(core, record, bytes, record.reservedBytes, { offset });
}
