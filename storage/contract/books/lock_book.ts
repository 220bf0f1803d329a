import type { VirtualPath } from "../values/virtual_path.ts";
import type { Page } from "../values/page.ts";

/**
 * A lock: until a time, no other account changes a path, nor anything below it. The path need not
 * lead to anything. There is at most one lock of each path.
 */
export interface LockRecord {
  /** The account whose tree the path is in. */
  readonly owner: string;
  /** In the owner's tree; never the root. */
  readonly path: VirtualPath;
  /** The account that holds the lock. */
  readonly account: string;
  /** A sentence for others; empty: none. */
  readonly note: string;
  readonly createdMs: number;
  /** From then on it is void. */
  readonly expiresMs: number;
}

/** Result of taking a lock. */
export type LockAnswer =
  | { readonly state: "taken" }
  /** Another account holds a lock of the path, above it or below it. */
  | { readonly state: "locked"; readonly lock: LockRecord }
  /** Something at, above or below the path is just being changed. */
  | { readonly state: "busy" }
  /** An account is not there, or holds the maximum of locks. */
  | { readonly state: "unknown" | "too-many" };

/** Which locks are listed. */
export interface LockSearch {
  readonly owner?: string | undefined;
  readonly account?: string | undefined;
  readonly nowMs: number;
}

/**
 * Locks. The general contracts are in catalog.ts. A lock follows its file or directory when that is
 * renamed, and ends with its removal, as it does when its owner or its holder is retired or removed.
 * Void locks may be there until they are removed, and hold nothing.
 *
 * The engine checks them in the transaction in which a change of names is decided: see `account` of
 * `Spot` and `UploadRecord`.
 */
export interface LockBook {
  /**
   * Durable. Takes a lock; the same account's lock of the same path is renewed.
   *
   * @param max most locks that an account holds
   */
  take(lock: LockRecord, max: number): Promise<LockAnswer>;
  /** Locks of a path and of the directories above it, the uppermost first. */
  above(owner: string, path: VirtualPath, nowMs: number): Promise<LockRecord[]>;
  /** Locks of a directory, of those above it, and of the names directly in it; the uppermost first. */
  around(owner: string, directory: VirtualPath, nowMs: number): Promise<LockRecord[]>;
  /** Locks by owner and path in the order of their code points. */
  list(search: LockSearch, page: Page<LockRecord>): Promise<LockRecord[]>;
  /**
   * Durable. Ends the lock of exactly this path.
   *
   * @param account only where this account holds it
   * @returns the lock, void or not
   */
  remove(owner: string, path: VirtualPath, account?: string): Promise<LockRecord | undefined>;
  /** Removes those that are void at a time. */
  removeExpired(nowMs: number): Promise<void>;
}
