import { formatTime } from "../../common/time.ts";
import type { LockBook, LockRecord } from "../contract/books/lock_book.ts";
import { clock } from "../contract/clock.ts";
import { StoreError } from "../contract/error.ts";
import { isWithin, type VirtualPath } from "../contract/path.ts";
import type { Spot } from "../contract/tree.ts";

/** The part of a lock that a refusal names. */
export type RefusingLock = Pick<LockRecord, "path" | "account" | "expiresMs">;

/**
 * The error of a change that another account's lock forbids.
 *
 * @param path in the tree of the lock's owner
 * @param shown the same path as the account writes it that asks
 */
export function lockedError(
  shown: VirtualPath,
  path: VirtualPath,
  { path: lockedPath, account, expiresMs }: RefusingLock,
): StoreError {
  const by = `locked by ${account} until ${formatTime(expiresMs)} UTC`;
  const message = isWithin(path, lockedPath)
    ? `"${shown}" is ${by}`
    : `"${shown}" has "${lockedPath.slice(path.length + 1)}" in it, which is ${by}`;
  return new StoreError("locked", message, { lock: { by: account, untilMs: expiresMs } });
}

/** Whether a lock forbids changes by an account at a time. */
export function forbids(
  lock: Pick<LockRecord, "account" | "expiresMs">,
  account: string,
  nowMs: number,
): boolean {
  return lock.account !== account && lock.expiresMs > nowMs;
}

/**
 * Throws `locked` where another account's lock covers a path, for changes that no transaction of
 * names decides.
 */
export async function assertUnlocked(
  { locks }: { readonly locks: Pick<LockBook, "above"> },
  { owner, path, shown, account }: Pick<Spot, "owner" | "path" | "shown" | "account">,
): Promise<void> {
  if (account === undefined) return;
  const nowMs = clock.now();
  const lock = (await locks.above(owner, path, nowMs)).find((one) => forbids(one, account, nowMs));
  if (lock !== undefined) throw lockedError(shown, path, lock);
}
