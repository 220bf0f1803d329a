import { NO_PASSWORD } from "../../contract/catalog.ts";
import type {
  LockAnswer,
  LockBook,
  LockRecord,
  LockSearch,
} from "../../contract/books/lock_book.ts";
import { clock } from "../../contract/clock.ts";
import { compareCodePoints, isWithin, parentOf, type VirtualPath } from "../../contract/path.ts";
import type { Spot } from "../../contract/tree.ts";
import type { Page } from "../../contract/values/page.ts";
import { forbids, lockedError } from "../../common/locked.ts";
import type { AccountBooks } from "./account_books.ts";
import { lockKey } from "./lock_key.ts";
import type { Run } from "./tokens.ts";

/** Locks in memory. */
export class MemoryLocks implements LockBook {
  constructor(
    private readonly books: AccountBooks,
    private readonly run: Run,
    /** Whether something at, above or below a path is just being changed. */
    private readonly isBusy: (owner: string, path: VirtualPath) => boolean = () => false,
  ) {}

  take(lock: LockRecord, max: number): Promise<LockAnswer> {
    return this.run<LockAnswer>(true, () => {
      const { owner, path, account, createdMs } = lock;
      const isThere = (name: string) =>
        (this.books.accounts.get(name)?.passwordHash ?? NO_PASSWORD) !== NO_PASSWORD;
      if (!isThere(owner) || !isThere(account)) return { state: "unknown" };
      const other = obstacle(this.books, owner, path, account);
      if (other !== undefined) return { state: "locked", lock: other };
      if (this.isBusy(owner, path)) return { state: "busy" };
      const mine = this.books.locks.get(lockKey(lock));
      const renews = mine?.account === account && mine.expiresMs > createdMs;
      const held = this.books.locks.values()
        .filter((one) => one.account === account && one.expiresMs > createdMs);
      if (!renews && held.length >= max) return { state: "too-many" };
      this.books.locks.set(lockKey(lock), lock);
      return { state: "taken" };
    });
  }

  above(owner: string, path: VirtualPath, nowMs: number): Promise<LockRecord[]> {
    return this.#select((lock) =>
      lock.owner === owner && lock.expiresMs > nowMs && isWithin(path, lock.path)
    );
  }

  around(owner: string, directory: VirtualPath, nowMs: number): Promise<LockRecord[]> {
    return this.#select((lock) =>
      lock.owner === owner && lock.expiresMs > nowMs &&
      (isWithin(directory, lock.path) || parentOf(lock.path) === directory)
    );
  }

  async list(
    { owner, account, nowMs }: LockSearch,
    { after, count }: Page<LockRecord>,
  ): Promise<LockRecord[]> {
    const found = await this.#select((lock) =>
      lock.owner === (owner ?? lock.owner) && lock.account === (account ?? lock.account) &&
      lock.expiresMs > nowMs && (after === undefined || compare(lock, after) > 0)
    );
    return found.slice(0, count);
  }

  remove(owner: string, path: VirtualPath, account?: string): Promise<LockRecord | undefined> {
    return this.run(true, () => {
      const lock = this.books.locks.get(lockKey({ owner, path }));
      if (lock === undefined || (account ?? lock.account) !== lock.account) return undefined;
      this.books.locks.delete(lockKey(lock));
      return lock;
    });
  }

  removeExpired(nowMs: number): Promise<void> {
    return this.run(
      false,
      () => this.books.locks.deleteWhere(({ expiresMs }) => expiresMs <= nowMs),
    );
  }

  #select(matches: (lock: LockRecord) => boolean): Promise<LockRecord[]> {
    return this.run(false, () => this.books.locks.values().filter(matches).sort(compare));
  }
}

/** Within a transaction: the lock that forbids an account to put something at a path. */
export function covering(
  { locks }: Pick<AccountBooks, "locks">,
  owner: string,
  path: VirtualPath,
  account: string,
): LockRecord | undefined {
  const nowMs = clock.now();
  return locks.values().find((lock) =>
    lock.owner === owner && isWithin(path, lock.path) && forbids(lock, account, nowMs)
  );
}

/** Within a transaction: the lock that forbids an account to change a path with all below it. */
export function obstacle(
  books: Pick<AccountBooks, "locks">,
  owner: string,
  path: VirtualPath,
  account: string,
): LockRecord | undefined {
  const nowMs = clock.now();
  return covering(books, owner, path, account) ??
    books.locks.values().sort(compare).find((lock) =>
      lock.owner === owner && isWithin(lock.path, path) && forbids(lock, account, nowMs)
    );
}

/** Within a transaction: throws `locked` where a lock forbids a change of a path with all below. */
export function assertFree(
  books: Pick<AccountBooks, "locks">,
  owner: string,
  paths: readonly VirtualPath[],
  account: string | null | undefined,
): void {
  if (account === null || account === undefined) return;
  for (const path of paths) {
    const lock = obstacle(books, owner, path, account);
    if (lock !== undefined) throw lockedError(path, path, lock);
  }
}

/** Within a transaction: throws `locked` where a lock covers a path that an account is to change. */
export function assertUncovered(
  books: Pick<AccountBooks, "locks">,
  { owner, path, shown, account }: Omit<Spot, "asked">,
): void {
  const lock = account === undefined ? undefined : covering(books, owner, path, account);
  if (lock !== undefined) throw lockedError(shown, path, lock);
}

function compare(a: LockRecord, b: LockRecord): number {
  return compareCodePoints(a.owner, b.owner) || compareCodePoints(a.path, b.path);
}
