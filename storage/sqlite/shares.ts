import { CATALOG_LAG_MS, NO_PASSWORD } from "../catalog.ts";
import type { VirtualPath } from "../path.ts";
import { EVERYBODY, type ShareBook, type ShareRecord } from "../share_book.ts";
import type { Connection } from "./connection.ts";
import type { Grants } from "./grants.ts";
import { settled } from "./settled.ts";

const COLUMNS = `id, owner, path, guest, letters, directory, created_ms AS createdMs,
  expires_ms AS expiresMs`;

const MOST_KNOWN = 1000;

/** Rows at ?2 and below it: `0` is the character after `/`. */
const TREE = `owner = ?1 AND (path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0'))`;

/** Shares in SQLite. */
export class SqliteShares implements ShareBook, Grants {
  readonly #sql;
  readonly #known = new Map<string, { shares: ShareRecord[]; readMs: number }>();

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      put: prepare(
        `INSERT INTO shares SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
        WHERE EXISTS (SELECT 1 FROM accounts WHERE name = ?2 AND generation = ?9) AND ?2 <> ?4 AND
          (?4 = '${EVERYBODY}' OR
            EXISTS (SELECT 1 FROM accounts WHERE name = ?4 AND password_hash <> '${NO_PASSWORD}'))
        ON CONFLICT (owner, path, guest) DO UPDATE SET letters = excluded.letters,
          directory = excluded.directory, created_ms = excluded.created_ms,
          expires_ms = excluded.expires_ms`,
      ),
      by: prepare(`SELECT ${COLUMNS} FROM shares WHERE owner = ? ORDER BY path, guest`),
      with: prepare(
        `SELECT ${COLUMNS} FROM shares WHERE guest IN (?1, '${EVERYBODY}') AND owner <> ?1
        ORDER BY owner, path, guest`,
      ),
      removeOne: prepare("DELETE FROM shares WHERE owner = ? AND path = ? AND guest = ?"),
      removeAll: prepare("DELETE FROM shares WHERE owner = ? AND path = ?"),
      removeExpired: prepare("DELETE FROM shares WHERE expires_ms <= ?"),
      ofAccount: prepare("DELETE FROM shares WHERE owner = ?1 OR guest = ?1"),
      ofOwner: prepare("DELETE FROM shares WHERE owner = ?"),
      forget: prepare(`DELETE FROM shares WHERE ${TREE}`),
      move: prepare(
        `UPDATE shares SET path = ?3 || substr(path, length(?2) + 1) WHERE ${TREE}`,
      ),
    };
  }

  put(share: ShareRecord, generation: number): Promise<boolean> {
    const { id, owner, path, guest, letters, directory, createdMs, expiresMs } = share;
    const values = [id, owner, path, guest, letters, directory ? 1 : 0, createdMs, expiresMs];
    return this.#write(
      true,
      () => this.#sql.put.run(...values, generation).changes === 1,
    );
  }

  by(owner: string): Promise<ShareRecord[]> {
    return this.#read(() => this.#sql.by.all(owner).map(asShare));
  }

  with(guest: string): Promise<ShareRecord[]> {
    // Asked for at every step of a guest's transfer, as accounts are.
    const now = performance.now();
    const known = this.#known.get(guest);
    if (known && now - known.readMs < CATALOG_LAG_MS) return Promise.resolve([...known.shares]);
    return this.#read(() => {
      const shares = this.#sql.with.all(guest).map(asShare);
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(guest, { shares, readMs: now });
      return [...shares];
    });
  }

  remove(owner: string, path: VirtualPath, guest?: string): Promise<number> {
    return this.#write(true, () => {
      const { changes } = guest === undefined
        ? this.#sql.removeAll.run(owner, path)
        : this.#sql.removeOne.run(owner, path, guest);
      return Number(changes);
    });
  }

  removeExpired(nowMs: number): Promise<void> {
    return this.#write(false, () => void this.#sql.removeExpired.run(nowMs));
  }

  /** Within a transaction of the catalog: all shares of an account and with it. */
  forgetAccount(name: string): void {
    this.forgetKnown();
    this.#sql.ofAccount.run(name);
  }

  /** Within a transaction of the catalog: shares at and below a path end. */
  forget(owner: string, path: VirtualPath): void {
    this.forgetKnown();
    if (path === "/") this.#sql.ofOwner.run(owner);
    else this.#sql.forget.run(owner, path);
  }

  /** Within a transaction of the catalog: shares at and below a path go along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void {
    this.forgetKnown();
    this.#sql.move.run(owner, from, to);
  }

  /** What is known may have been changed, by this process. */
  forgetKnown(): void {
    this.#known.clear();
  }

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }

  #write<T>(durable: boolean, work: () => T): Promise<T> {
    return this.connection.write(durable, () => {
      this.forgetKnown(); // not before: the write may have waited
      return work();
    });
  }
}

function asShare(row: Record<string, unknown>): ShareRecord {
  return { ...row, directory: row.directory === 1 } as unknown as ShareRecord;
}
