/**
 * Unfinished uploads of guests in another account's tree. They use the owner's quota, so the owner
 * sees and can drop them (resumes.ts), and what they hold of it ends with their share.
 */
import type { BoundedPage, UploadRecord } from "../contract/catalog.ts";
import { eachUpload } from "../common/each_upload.ts";
import { lettersOf, spotAt } from "../access/shares.ts";
import type { Changed } from "../contract/tree.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * Stops the transfers that need a share which an account has ended or changed, and frees what
 * uploads hold that can go on no more. They are kept: shared again, they go on.
 */
export async function recheckGuests(core: VaultCore, owner: string): Promise<void> {
  await core.presence.recheck(owner);
  await freeUnshared(core, owner);
}

/**
 * As {@linkcode recheckGuests}, where a change of the tree has ended or moved shares. All workers
 * know of it before the change is acknowledged: a guest must not find what its owner puts under the
 * name next.
 */
export async function recheckShared(
  core: VaultCore,
  owner: string,
  { shares }: Changed,
): Promise<void> {
  if (shares) await recheckGuests(core, owner);
}

/**
 * Frees the quota that uploads hold whose guests have no share for them any more.
 *
 * @param owner only what they hold of this account's
 */
export async function freeUnshared(core: VaultCore, owner?: string): Promise<void> {
  const { parts } = core;
  const read = (page: BoundedPage) => parts.list({ by: "guests", owner }, page);
  for await (const upload of eachUpload(read)) {
    if (upload.reservedBytes === 0 || await isShared(core, upload)) continue;
    await parts.reserve(upload, 0);
  }
}

async function isShared(core: VaultCore, { account, shownPath }: UploadRecord): Promise<boolean> {
  const spot = await spotAt(core.catalog, account, shownPath);
  return lettersOf(spot?.covering ?? []).includes("w");
}
