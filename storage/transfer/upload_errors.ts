/** Errors of uploads and other changes of names: what they leave, and sentences that say what to do. */
import { formatSize } from "../../common/size.ts";
import type { Place } from "../access/access.ts";
import type { UploadRecord } from "../contract/catalog.ts";
import {
  isStoreError,
  noDirectory,
  StoreError,
  type StoreErrorDetails,
} from "../contract/error.ts";
import { isMountOwner } from "../contract/mount.ts";
import { parentOf } from "../contract/path.ts";
import type { Part } from "./part.ts";
import type { VaultCore } from "../core/vault_core.ts";

/** Kinds of failure at the end that leave nothing worth resuming. */
const DROPPED = new Set(["checksum", "bad-request", "exists", "changed", "bad-name"]);

/** Whether an upload that ended with this error leaves nothing worth resuming. */
export function leavesNothing(error: unknown): boolean {
  return error instanceof StoreError && DROPPED.has(error.kind);
}

/**
 * The error of a change that puts something at a place: where that failed because its directory is
 * missing, the error names the directory.
 */
export async function namingParent(
  core: VaultCore,
  place: Pick<Place, "owner" | "path" | "shown">,
  error: unknown,
): Promise<unknown> {
  if (!isStoreError(error, "not-found") || error.details.missing !== undefined) return error;
  const parent = await core.tree.stat(place.owner, parentOf(place.path)).catch(() => null);
  return parent === undefined ? noDirectory(parentOf(place.shown)) : error;
}

/** The error of the engine at the end of an upload, with what only the vault knows. */
export async function explained(
  core: VaultCore,
  place: Pick<Place, "owner" | "path" | "shown">,
  { record, content, offset }: Part,
  error: unknown,
): Promise<unknown> {
  if (!isStoreError(error, "quota")) return await namingParent(core, place, error);
  const held = content.recorded ? record.reservedBytes : 0;
  return await overQuota(core, record, offset, held, error.details);
}

/**
 * Creates the error of an upload that does not fit the quota, with the numbers. A guest does not
 * get those of the owner.
 *
 * @param sizeBytes of the upload, as far as it is known
 * @param heldBytes bytes it already holds of the quota
 */
export async function overQuota(
  core: VaultCore,
  { owner, account, shownPath }: UploadRecord,
  sizeBytes: number,
  heldBytes: number,
  details: StoreErrorDetails = {},
): Promise<StoreError> {
  const mount = isMountOwner(owner)
    ? (await core.catalog.mounts?.all())?.find((one) => one.owner === owner)
    : undefined;
  // A mount has no owner whose numbers are not the uploader's business.
  const own = owner === account ? await core.catalog.account(owner) : mount;
  const quotaBytes = own?.quotaBytes;
  let numbers = "";
  if (quotaBytes !== null && quotaBytes !== undefined) {
    const { usedBytes, reservedBytes } = await core.catalog.usage(owner);
    const free = Math.max(0, quotaBytes - usedBytes - reservedBytes + heldBytes);
    numbers = `: it needs ${formatSize(sizeBytes)}, and ${formatSize(free)} of ` +
      `${formatSize(quotaBytes)} are free`;
  }
  const whose = isMountOwner(owner) ? "mount" : "account";
  const message = `"${shownPath}" does not fit the ${whose}'s quota${numbers}`;
  return new StoreError("quota", message, details);
}
