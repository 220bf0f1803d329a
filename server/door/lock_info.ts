/** Locks as doors and `admin` show them. */
import type { LockRecord } from "../../storage/contract/books/lock_book.ts";
import type { LockInfo } from "../../storage/tree/locks.ts";

/** A lock as a session sees it; times in ms since the Unix epoch. */
export function lockInfo({ path, owner, by, note, createdMs, untilMs, mine }: LockInfo) {
  return { filename: path, owner, by, note, created: createdMs, until: untilMs, mine };
}

/** A lock of any account, with its path in its owner's tree. */
export function lockRecordInfo({ owner, path, account, note, createdMs, expiresMs }: LockRecord) {
  return { filename: path, owner, by: account, note, created: createdMs, until: expiresMs };
}
