/** Takes an unfinished upload from its writer, in any worker (docs/storage.md, "One writer"). */
import type { TakenUpload } from "../contract/parts.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * Becomes the writer of an upload. The previous writer is requested to stop first, so that its
 * received bytes are safe; even if it does not, its later checkpoints have no effect.
 *
 * @param reason for the previous writer
 * @returns undefined where there is no such unfinished upload any more
 * @throws {StoreError} `io` where it is being finished, and does not finish in time
 */
export async function takeFromWriter(
  core: VaultCore,
  id: string,
  reason: string,
): Promise<TakenUpload | undefined> {
  await core.presence.takeOver(id, reason);
  return await core.parts.take(id);
}
