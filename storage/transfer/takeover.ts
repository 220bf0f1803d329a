/** Taking an unfinished upload from its writer, wherever that is (docs/storage.md, "One writer"). */
import type { TakenUpload } from "../contract/parts.ts";
import type { VaultCore } from "../core/vault_core.ts";

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
): Promise<TakenUpload | undefined> {
  await core.presence.takeOver(id, reason);
  return await core.parts.take(id);
}
