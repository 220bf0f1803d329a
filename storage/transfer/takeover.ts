/** Taking an unfinished upload from its writer, wherever that is (docs/storage.md, "One writer"). */
import type { UploadRecord } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { retryUntil } from "../common/retry.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** An upload that this worker has just become the writer of. */
export interface Taken {
  record: UploadRecord;
  /** Whether the writer before is known to have stopped. Else it may still write to its part. */
  stopped: boolean;
}

/**
 * Becomes the writer of an upload. The writer before is asked to stop first, so that what it has
 * received is safe; whether it does or not, nothing that it notes counts from then on.
 *
 * @param reason what the writer is told
 * @returns undefined where there is no such unfinished upload any more
 * @throws {StoreError} `io` where it is being finished, and is not in time
 */
export async function takeFromWriter(
  core: VaultCore,
  id: string,
  reason: string,
): Promise<Taken | undefined> {
  await core.presence.takeOver(id, reason);
  const answer = await retryUntil(async () => {
    const before = await core.catalog.upload(id);
    if (before === undefined) return "unknown";
    const record = await core.catalog.takeUpload(id, core.holder, before.writer);
    if (record === "unknown") return record;
    if (typeof record === "string") return undefined;
    // This worker's own writer was waited for.
    return { record, stopped: before.holder === null || before.holder === core.holder };
  });
  if (answer === undefined) {
    throw new StoreError("io", "The upload is being finished; try again", { uploadId: id });
  }
  return answer === "unknown" ? undefined : answer;
}
