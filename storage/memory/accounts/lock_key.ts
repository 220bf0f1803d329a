import type { LockRecord } from "../../contract/books/lock_book.ts";

/** The key of a lock. */
export function lockKey({ owner, path }: Pick<LockRecord, "owner" | "path">): string {
  return `${owner}:${path}`;
}
