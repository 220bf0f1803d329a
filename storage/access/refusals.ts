/** Refusals of access. */
import { StoreError } from "../contract/error.ts";
import { isMountOwner, isWritable, type MountRecord } from "../contract/mount.ts";
import type { VirtualPath } from "../contract/path.ts";
import { type Letter, LETTERS } from "../contract/permission.ts";

/** A session that has ended; why, as a clause. */
export function sessionOver(why: string): StoreError {
  return new StoreError("session-over", `The session has ended: ${why}`);
}

/** The account has not one of the permissions that are needed. */
export function lacks(letter: Letter): StoreError {
  const [use] = LETTERS[letter].split(":");
  return new StoreError(
    "denied",
    `The account lacks the permission "${letter}" (${use})`,
  );
}

/** A place that is no account's to change. */
export function reserved(path: VirtualPath): StoreError {
  return new StoreError("denied", `"${path}" itself cannot be written, made, renamed or removed`);
}

/** What others share does not allow it. */
export function notGranted(shown: VirtualPath, letter: string): StoreError {
  return new StoreError(
    "denied",
    `The share at "${shown}" does not grant the permission "${letter}"`,
  );
}

/** A mount does not allow it. */
export function refusedInMount(mount: MountRecord, shown: VirtualPath): StoreError {
  const allowed = isWritable(mount) ? `allows ${mount.letters} only` : "is read-only";
  return new StoreError("denied", `"${shown}" is in the mount "${mount.name}", which ${allowed}`);
}

/** The share or mount that led to a place does not allow it any more. */
export function shareEnded({ owner, shown }: { owner: string; shown: VirtualPath }): StoreError {
  const message = isMountOwner(owner)
    ? `The mount of "${shown}" has ended or was changed`
    : `"${shown}" is no longer shared with this account`;
  return new StoreError("denied", message);
}
