/** Locks in listings. */
import type { Catalog } from "../contract/catalog.ts";
import type { LockRecord } from "../contract/books/lock_book.ts";
import { clock } from "../contract/clock.ts";
import { nameOf, parentOf, type VirtualPath } from "../contract/path.ts";

/** A lock as listings show it. */
export interface LockedInfo {
  /** The account that holds it. */
  by: string;
  untilMs: number;
}

/** Finds the locks of the names in a directory: each has those of the directory, and its own. */
export async function locksIn(
  { locks }: Pick<Catalog, "locks">,
  { owner, path }: { readonly owner: string; readonly path: VirtualPath },
): Promise<(name: string) => readonly LockRecord[]> {
  const found = await locks.around(owner, path, clock.now());
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
