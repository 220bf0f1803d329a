/** Mounts as the doors and `admin` report them. */
import type { MountRecord, NewMount } from "../../storage/contract/mount.ts";
import type { MountInfo } from "../../storage/people/mounts.ts";

/** A mount to be made, as a request names it. */
export interface MountRequest {
  readonly name: string;
  readonly directory: string;
  readonly accounts?: readonly string[] | undefined;
  readonly permissions?: string | undefined;
  readonly quota?: number | null | undefined;
}

/** Reads a request. */
export function newMount(
  { name, directory, accounts, permissions, quota }: MountRequest,
): NewMount {
  return {
    name,
    directory,
    ...(accounts !== undefined && { guests: accounts }),
    ...(permissions !== undefined && { letters: permissions }),
    ...(quota !== undefined && { quotaBytes: quota }),
  };
}

/** Describes a mount that was made just now. */
export function mountInfo({ name, directory, letters, guests, quotaBytes }: MountRecord) {
  return { name, directory, permissions: letters, accounts: guests, quota: quotaBytes };
}

/** Describes a mount of a list. */
export function listedMount(mount: MountInfo) {
  const { usedBytes, reservedBytes, createdMs, isAway } = mount;
  return {
    ...mountInfo(mount),
    used: usedBytes,
    reserved: reservedBytes,
    created: createdMs,
    away: isAway,
  };
}

/** The members of {@linkcode listedMount}, for references. */
export const MOUNT_INFO =
  "{name, directory, permissions, accounts, quota, used, reserved, created, away}";
