import { NO_PASSWORD } from "../../interfaces/disk_catalog.ts";
import type {
  LockAnswer,
  LockBook,
  LockRecord,
  LockSearch,
} from "../../../contract/books/lock_book.ts";
import { clock } from "../../../contract/clock.ts";
import { parentOf, type VirtualPath } from "../../../contract/path.ts";
import type { Page } from "../../../contract/values/page.ts";
import { forbids } from "../../../common/locked.ts";
import type { Grants } from "./grants.ts";
import type { Connection } from "../connection/connection.ts";
import { settled } from "../connection/settled.ts";

const COLUMNS = "owner, path, account, note, created_ms AS createdMs, expires_ms AS expiresMs";
/** Rows at ?2 and below it, each a range of the key: `0` is the character after `/`. */
const AT = "owner = ?1 AND path = ?2";
const BELOW = "owner = ?1 AND path > ?2 || '/' AND path < ?2 || '0'";
/** Rows of a table of changes that are at ?2, above it or below it. */
const RELATED = `owner = ?1 AND (path = ?2 OR substr(?2, 1, length(path) + 1) = path || '/' OR
  substr(path, 1, length(?2) + 1) = ?2 || '/')`;

/**
 * Locks in SQLite. Claims and intents to publish ask for them within their transactions, and a lock
 * waits for those that are there: so a change is decided before a lock is taken, or refused.
 */
export class SqliteLocks implements LockBook, Grants {
  readonly atPath = `SELECT 1 FROM locks WHERE ${AT} UNION ALL SELECT 1 FROM locks WHERE ${BELOW}`;
  readonly ofNames = true;
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      any: prepare("SELECT 1 FROM locks WHERE owner = ? LIMIT 1"),
      account: prepare(
        `SELECT 1 FROM accounts WHERE name = ? AND password_hash <> '${NO_PASSWORD}'`,
      ),
      busy: prepare(
        `SELECT 1 FROM claims WHERE ${RELATED} UNION ALL SELECT 1 FROM commits WHERE ${RELATED}`,
      ),
      held: prepare("SELECT count(*) AS held FROM locks WHERE account = ? AND expires_ms > ?"),
      put: prepare(
        `INSERT INTO locks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
          account = excluded.account, note = excluded.note, created_ms = excluded.created_ms,
          expires_ms = excluded.expires_ms`,
      ),
      at: prepare(`SELECT ${COLUMNS} FROM locks WHERE ${AT}`),
      foreignBelow: prepare(
        `SELECT ${COLUMNS} FROM locks WHERE ${BELOW} AND account <> ?3 AND expires_ms > ?4
        ORDER BY path LIMIT 1`,
      ),
      inside: prepare(
        `SELECT ${COLUMNS} FROM locks WHERE owner = ?1 AND path > rtrim(?2, '/') || '/'
          AND path < rtrim(?2, '/') || '0' AND expires_ms > ?3
          AND instr(substr(path, length(rtrim(?2, '/')) + 2), '/') = 0`,
      ),
      list: prepare(
        `SELECT ${COLUMNS} FROM locks WHERE owner = coalesce(?1, owner)
          AND account = coalesce(?2, account) AND expires_ms > ?3 AND (owner, path) > (?4, ?5)
        ORDER BY owner, path LIMIT ?6`,
      ),
      remove: prepare(`DELETE FROM locks WHERE ${AT}`),
      removeExpired: prepare("DELETE FROM locks WHERE expires_ms <= ?"),
      ofAccount: prepare("DELETE FROM locks WHERE account = ?1 OR owner = ?1"),
      forget: [AT, BELOW].map((where) => prepare(`DELETE FROM locks WHERE ${where}`)),
      move: [AT, BELOW].map((where) =>
        prepare(
          `UPDATE OR REPLACE locks SET path = ?3 || substr(path, length(?2) + 1) WHERE ${where}`,
        )
      ),
    };
  }

  take(lock: LockRecord, max: number): Promise<LockAnswer> {
    return this.connection.write(true, () => this.#take(lock, max));
  }

  #take(lock: LockRecord, max: number): LockAnswer {
    const { owner, path, account, note, createdMs, expiresMs } = lock;
    for (const name of [owner, account]) {
      if (this.#sql.account.get(name) === undefined) return { state: "unknown" };
    }
    const other = this.obstacle(owner, path, account);
    if (other !== undefined) return { state: "locked", lock: other };
    if (this.#sql.busy.get(owner, path) !== undefined) return { state: "busy" };
    const mine = this.#at(owner, path);
    const renews = mine?.account === account && mine.expiresMs > createdMs;
    const { held } = this.#sql.held.get(account, createdMs) as { held: number };
    if (!renews && held >= max) return { state: "too-many" };
    this.#sql.put.run(owner, path, account, note, createdMs, expiresMs);
    return { state: "taken" };
  }

  above(owner: string, path: VirtualPath, nowMs: number): Promise<LockRecord[]> {
    return this.#read(() =>
      this.hasAny(owner)
        ? this.#above(owner, path).filter(({ expiresMs }) => expiresMs > nowMs)
        : []
    );
  }

  around(owner: string, directory: VirtualPath, nowMs: number): Promise<LockRecord[]> {
    return this.#read(() => {
      if (!this.hasAny(owner)) return [];
      const above = this.#above(owner, directory).filter(({ expiresMs }) => expiresMs > nowMs);
      return [...above, ...this.#sql.inside.all(owner, directory, nowMs).map(asLock)];
    });
  }

  list(
    { owner, account, nowMs }: LockSearch,
    { after, count }: Page<LockRecord>,
  ): Promise<LockRecord[]> {
    const wanted = [owner ?? null, account ?? null, nowMs];
    const behind = [after?.owner ?? "", after?.path ?? "", count];
    return this.#read(() => this.#sql.list.all(...wanted, ...behind).map(asLock));
  }

  remove(owner: string, path: VirtualPath, account?: string): Promise<LockRecord | undefined> {
    return this.connection.write(true, () => {
      const lock = this.#at(owner, path);
      if (lock === undefined || (account ?? lock.account) !== lock.account) return undefined;
      this.#sql.remove.run(owner, path);
      return lock;
    });
  }

  removeExpired(nowMs: number): Promise<void> {
    return this.connection.writeOne(() => void this.#sql.removeExpired.run(nowMs));
  }

  /** Within a transaction: whether anything of an account's tree may be locked. */
  hasAny(owner: string): boolean {
    return this.#sql.any.get(owner) !== undefined;
  }

  /** Within a transaction: the lock that forbids an account to put something at a path. */
  covering(owner: string, path: VirtualPath, account: string): LockRecord | undefined {
    const nowMs = clock.now();
    return this.#above(owner, path).find((lock) => forbids(lock, account, nowMs));
  }

  /** Within a transaction: the lock that forbids an account to change a path with all below it. */
  obstacle(owner: string, path: VirtualPath, account: string): LockRecord | undefined {
    if (!this.hasAny(owner)) return undefined;
    const covering = this.covering(owner, path, account);
    if (covering !== undefined) return covering;
    const row = this.#sql.foreignBelow.get(owner, path, account, clock.now());
    return row && asLock(row);
  }

  /** Within a transaction: all locks of an account and in its tree end. */
  forgetAccount(name: string): void {
    this.#sql.ofAccount.run(name);
  }

  /** Within a transaction: locks at and below a path end. */
  forget(owner: string, path: VirtualPath): void {
    for (const statement of this.#sql.forget) statement.run(owner, path);
  }

  /** Within a transaction: locks at and below a path go along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void {
    for (const statement of this.#sql.move) statement.run(owner, from, to);
  }

  #at(owner: string, path: VirtualPath): LockRecord | undefined {
    const row = this.#sql.at.get(owner, path);
    return row && asLock(row);
  }

  /** The uppermost first. */
  #above(owner: string, path: VirtualPath): LockRecord[] {
    const found: LockRecord[] = [];
    for (let at = path; at !== "/"; at = parentOf(at)) {
      const lock = this.#at(owner, at);
      if (lock !== undefined) found.unshift(lock);
    }
    return found;
  }

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }
}

function asLock(row: Record<string, unknown>): LockRecord {
  return { ...row } as unknown as LockRecord;
}
