/**
 * Unfinished uploads of guests in another account's tree. They use the owner's quota, so the owner
 * sees and can drop them (resumes.ts), and what they hold of it ends with their share.
 */
import type { BoundedPage, UploadRecord } from "../contract/catalog.ts";
import { eachOf } from "../common/each_page.ts";
import { endUnshared } from "./guest_locks.ts";
import { foreignSpot } from "../access/mounts.ts";
import { lettersOf } from "../access/shares.ts";
import type { Changed } from "../contract/tree.ts";
import type { VaultCore } from "../core/vault_core.ts";

/**
 * Stops the transfers that need a share which an account has ended or changed, frees what uploads
 * hold that can go on no more, and ends the locks of such guests. They are kept: shared again, they go on.
 */
export async function recheckGuests(core: VaultCore, owner: string): Promise<void> {
  await core.presence.recheck(owner);
  await settleGuests(core, owner);
}

/**
 * Takes from guests what no share allows them any more: the quota that their uploads hold, and
 * their locks.
 *
 * @param owner only what is in this account's tree
 */
export async function settleGuests(core: VaultCore, owner?: string): Promise<void> {
  await freeUnshared(core, owner);
  await endUnshared(core.catalog, owner);
}

/**
 * Like {@linkcode recheckGuests}, after a change of the tree that ended or moved shares. The change
 * is acknowledged only after all workers know of it: a guest must not see the next file that the
 * owner stores under the name.
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
  for await (const upload of eachOf<UploadRecord>(read)) {
    if (upload.reservedBytes === 0 || await isShared(core, upload)) continue;
    await parts.reserve(upload, 0);
  }
}

async function isShared(core: VaultCore, { account, shownPath }: UploadRecord): Promise<boolean> {
  const spot = await foreignSpot(core.catalog, account, shownPath);
  return lettersOf(spot?.covering ?? []).includes("w");
}
