/** Locks in listings. */
import type { Access } from "../access/access.ts";
import type { LockRecord } from "../contract/books/lock_book.ts";
import { clock } from "../contract/clock.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";

/** A lock as listings show it. */
export interface LockedInfo {
  /** The account that holds it. */
  by: string;
  untilMs: number;
}

/** Locks name accounts, of which strangers learn nothing. */
function mayKnow({ principal: { link, published } }: Access): boolean {
  return link === undefined && published === undefined;
}

/** Locks of a path and of the directories above it that a principal may know of. */
export async function locksAbove(
  access: Access,
  owner: string,
  path: VirtualPath,
): Promise<LockRecord[]> {
  return mayKnow(access) ? await access.catalog.locks.above(owner, path, clock.now()) : [];
}

/** Finds the locks of the names in a directory: each has those of the directory, and its own. */
export async function locksIn(
  access: Access,
  { owner, path }: { readonly owner: string; readonly path: VirtualPath },
): Promise<(name: string) => readonly LockRecord[]> {
  if (!mayKnow(access)) return () => [];
  const found = await access.catalog.locks.around(owner, path, clock.now());
  const isInside = (lock: LockRecord) => parentOf(lock.path) === path && lock.path !== path;
  const above = found.filter((lock) => !isInside(lock));
  const byName = new Map(found.filter(isInside).map((lock) => [nameOf(lock.path), lock]));
  return (name) => {
    const own = byName.get(name);
    return own === undefined ? above : [...above, own];
  };
}

/** Adds the lock that decides to what is listed: the uppermost one. */
export function locked<Info extends { lock?: LockedInfo }>(
  info: Info,
  [lock]: readonly LockRecord[],
): Info {
  if (lock !== undefined) info.lock = { by: lock.account, untilMs: lock.expiresMs };
  return info;
}
