import { NO_PASSWORD } from "../../interfaces/disk_catalog.ts";
import { compareCodePoints, parentOf, type VirtualPath } from "../../../contract/path.ts";
import { compareShares } from "../../../common/share_order.ts";
import { GROUP_SIGN } from "../../../contract/books/group_book.ts";
import {
  EVERYBODY,
  type ShareBook,
  type ShareRecord,
  type ShareSearch,
} from "../../../contract/books/share_book.ts";
import type { Page } from "../../../contract/values/page.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "../accounts/grants.ts";
import { deleteSome, inSteps, ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";

const COLUMNS = `id, owner, path, guest, letters, directory, created_ms AS createdMs,
  expires_ms AS expiresMs`;

/**
 * Rows at ?2, and below it: `0` is the character after `/`. Each is a range of the key; with both
 * in one condition, SQLite would scan all shares of the owner.
 */
const AT = "owner = ?1 AND path = ?2";
const INSIDE = "owner = ?1 AND path > ?2 || '/' AND path < ?2 || '0'";
const WITHIN = `SELECT 1 FROM shares WHERE ${AT} UNION ALL SELECT 1 FROM shares WHERE ${INSIDE}`;
const KEY = "owner, path, guest";

/** Below ?3; the root's own range begins and ends otherwise. */
const BELOW = `owner = ?2 AND path > rtrim(?3, '/') || '/' AND path < rtrim(?3, '/') || '0'`;
const LIVE = "(expires_ms IS NULL OR expires_ms > ?4)";
/** Without the hint, SQLite may search by time, and scan all shares with everybody. */
const BY_GUEST = "shares INDEXED BY shares_by_guest";
/** Guests of the shares that are with the account ?1: itself, everybody, and its groups. */
const WHOM = `SELECT ?1 UNION SELECT '${EVERYBODY}' UNION
  SELECT '${GROUP_SIGN}' || group_name FROM group_members WHERE account = ?1`;
/** Shares of others with the account ?1. */
const OF_OTHERS = `guest IN (${WHOM}) AND owner <> ?1`;

/** Shares in SQLite. */
export class SqliteShares implements ShareBook, Grants {
  readonly atPath = WITHIN;
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      put: prepare(
        `INSERT INTO shares SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
        WHERE EXISTS (SELECT 1 FROM accounts WHERE name = ?2 AND generation = ?9) AND ?2 <> ?4 AND
          (?4 = '${EVERYBODY}' OR
            EXISTS (SELECT 1 FROM account_groups WHERE '${GROUP_SIGN}' || name = ?4) OR
            EXISTS (SELECT 1 FROM accounts WHERE name = ?4 AND password_hash <> '${NO_PASSWORD}'))
        ON CONFLICT (owner, path, guest) DO UPDATE SET letters = excluded.letters,
          directory = excluded.directory, created_ms = excluded.created_ms,
          expires_ms = excluded.expires_ms`,
      ),
      by: prepare(
        `SELECT ${COLUMNS} FROM shares WHERE owner = ?1 AND (path, guest) > (?2, ?3)
        ORDER BY path, guest LIMIT ?4`,
      ),
      whom: prepare(WHOM),
      with: prepare(
        `SELECT ${COLUMNS} FROM ${BY_GUEST}
        WHERE guest = ?2 AND owner <> ?1 AND (owner, path, guest) > (?3, ?4, ?5)
        ORDER BY owner, path LIMIT ?6`,
      ),
      get: prepare(`SELECT ${COLUMNS} FROM shares WHERE id = ?`),
      at: prepare(
        `SELECT ${COLUMNS} FROM shares WHERE owner = ? AND path = ? AND guest > ?
        ORDER BY guest LIMIT ?`,
      ),
      isShared: prepare(
        `SELECT 1 FROM shares WHERE owner = ? AND path = ?
          AND (expires_ms IS NULL OR expires_ms > ?) LIMIT 1`,
      ),
      any: prepare("SELECT 1 AS one FROM shares WHERE owner = ? LIMIT 1"),
      within: prepare(`${WITHIN} LIMIT 1`),
      of: prepare(
        `SELECT ${COLUMNS} FROM shares WHERE owner = ?2 AND path = ?3 AND ${OF_OTHERS}
        ORDER BY guest`,
      ),
      below: prepare(
        `SELECT path FROM ${BY_GUEST} WHERE guest = ?7 AND owner <> ?1 AND ${BELOW} AND path > ?5
          AND ${LIVE} ORDER BY path LIMIT ?6`,
      ),
      owner: prepare(
        `SELECT owner FROM ${BY_GUEST} WHERE guest = ?2 AND owner <> ?1 AND owner > ?3 AND
          (expires_ms IS NULL OR expires_ms > ?4) ORDER BY owner LIMIT 1`,
      ),
      latest: prepare(
        `SELECT created_ms AS ms FROM shares WHERE guest = ?2 AND owner <> ?1
        ORDER BY created_ms DESC LIMIT 1`,
      ),
      latestOf: prepare(
        `SELECT max(created_ms) AS ms FROM ${BY_GUEST}
        WHERE ${OF_OTHERS} AND (owner = ?2 AND path = ?3 OR ${BELOW})`,
      ),
      removeOne: prepare("DELETE FROM shares WHERE owner = ? AND path = ? AND guest = ?"),
      removeAll: prepare("DELETE FROM shares WHERE owner = ? AND path = ?"),
      removeExpired: prepare(deleteSome("shares", KEY, "expires_ms <= ?")),
      ofAccount: ["owner = ?", "guest = ?"].map((of) => prepare(deleteSome("shares", KEY, of))),
      ofOwner: prepare("DELETE FROM shares WHERE owner = ?"),
      ofGuest: prepare("DELETE FROM shares WHERE guest = ?"),
      forget: [AT, INSIDE].map((where) => prepare(`DELETE FROM shares WHERE ${where}`)),
      move: [AT, INSIDE].map((where) =>
        prepare(`UPDATE shares SET path = ?3 || substr(path, length(?2) + 1) WHERE ${where}`)
      ),
      forgetSome: prepare(
        `DELETE FROM shares WHERE (${KEY}) IN
          (SELECT ${KEY} FROM shares WHERE ${INSIDE} LIMIT ?3)`,
      ),
      ofOwnerSome: prepare(
        `DELETE FROM shares WHERE (${KEY}) IN (SELECT ${KEY} FROM shares WHERE owner = ?1 LIMIT ?2)`,
      ),
      moveSome: prepare(
        `UPDATE shares SET path = ?3 || substr(path, length(?2) + 1) WHERE (${KEY}) IN
          (SELECT ${KEY} FROM shares WHERE ${INSIDE} LIMIT ?4)`,
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

  by(owner: string, { after, count }: Page<ShareRecord>): Promise<ShareRecord[]> {
    const behind = [after?.path ?? "", after?.guest ?? ""];
    return this.#read(() => this.#sql.by.all(owner, ...behind, count).map(asShare));
  }

  with(guest: string, { after, count }: Page<ShareRecord>): Promise<ShareRecord[]> {
    const behind = [after?.owner ?? "", after?.path ?? "", after?.guest ?? ""];
    return this.#read(() =>
      this.#whom(guest)
        .flatMap((whom) => this.#sql.with.all(guest, whom, ...behind, count).map(asShare))
        .sort(compareShares)
        .slice(0, count)
    );
  }

  get(id: string): Promise<ShareRecord | undefined> {
    return this.#read(() => {
      const row = this.#sql.get.get(id);
      return row && asShare(row);
    });
  }

  at(
    owner: string,
    path: VirtualPath,
    { after, count }: Page<ShareRecord>,
  ): Promise<ShareRecord[]> {
    return this.#read(() => this.#sql.at.all(owner, path, after?.guest ?? "", count).map(asShare));
  }

  among(owner: string, paths: readonly VirtualPath[], nowMs: number): Promise<VirtualPath[]> {
    return this.#read(() => {
      if (!this.hasAny(owner)) return [];
      return paths.filter((path) => this.#sql.isShared.get(owner, path, nowMs) !== undefined);
    });
  }

  within(owner: string, path: VirtualPath): Promise<boolean> {
    return this.#read(() => this.hasWithin(owner, path));
  }

  /** Within a transaction of the catalog: whether an account shares anything. */
  hasAny(owner: string): boolean {
    return this.#sql.any.get(owner) !== undefined;
  }

  /** Within a transaction of the catalog: as `within`. */
  hasWithin(owner: string, path: VirtualPath): boolean {
    return this.hasAny(owner) &&
      (path === "/" || this.#sql.within.get(owner, path) !== undefined);
  }

  above(guest: string, owner: string, path: VirtualPath): Promise<ShareRecord[]> {
    return this.#read(() => {
      const paths = [path];
      while (paths.at(-1) !== "/") paths.push(parentOf(paths.at(-1)!));
      return paths.reverse()
        .flatMap((at) => this.#sql.of.all(guest, owner, at).map(asShare));
    });
  }

  below(guest: string, { owner, path, nowMs, after, count }: ShareSearch): Promise<VirtualPath[]> {
    const values = [guest, owner, path, nowMs, after ?? "", count] as const;
    return this.#read(() =>
      this.#whom(guest)
        .flatMap((whom) => this.#sql.below.all(...values, whom).map((row) => row.path as string))
        .sort(compareCodePoints)
        .slice(0, count)
    );
  }

  owners(guest: string, search: Omit<ShareSearch, "owner" | "path">): Promise<string[]> {
    return this.#read(() => {
      const owners: string[] = [];
      const whom = this.#whom(guest);
      let after = search.after ?? "";
      while (owners.length < search.count) {
        const [next] = whom
          .map((one) => this.#sql.owner.get(guest, one, after, search.nowMs)?.owner as string)
          .filter((owner) => owner !== undefined)
          .sort(compareCodePoints);
        if (next === undefined) break;
        owners.push(after = next);
      }
      return owners;
    });
  }

  latestMs(guest: string, owner?: string, path: VirtualPath = "/"): Promise<number> {
    return this.#read(() => {
      const rows = owner === undefined
        ? this.#whom(guest).map((whom) => this.#sql.latest.get(guest, whom))
        : [this.#sql.latestOf.get(guest, owner, path)];
      return Math.max(0, ...rows.map((row) => (row?.ms ?? 0) as number));
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
    const { removeExpired } = this.#sql;
    return inSteps(() =>
      this.#write(false, () => removeExpired.run(nowMs).changes === ROWS_AT_ONCE)
    );
  }

  /** Within a transaction of the catalog: all shares of an account and with it. */
  forgetAccount(name: string): void {
    this.#sql.ofOwner.run(name);
    this.#sql.ofGuest.run(name);
  }

  forgetAccountSome(name: string): boolean {
    return this.#sql.ofAccount.some((statement) => statement.run(name).changes === ROWS_AT_ONCE);
  }

  /** Within a transaction of the catalog: shares at and below a path end. */
  forget(owner: string, path: VirtualPath): void {
    if (path === "/") this.#sql.ofOwner.run(owner);
    else for (const statement of this.#sql.forget) statement.run(owner, path);
  }

  /** Within a transaction of the catalog: shares at and below a path go along with it. */
  move(owner: string, from: VirtualPath, to: VirtualPath): void {
    for (const statement of this.#sql.move) statement.run(owner, from, to);
  }

  forgetSome(owner: string, path: VirtualPath, count: number): boolean {
    const { forgetSome, ofOwnerSome } = this.#sql;
    const { changes } = path === "/"
      ? ofOwnerSome.run(owner, count)
      : forgetSome.run(owner, path, count);
    return changes === count;
  }

  moveSome(owner: string, from: VirtualPath, to: VirtualPath, count: number): boolean {
    return this.#sql.moveSome.run(owner, from, to, count).changes === count;
  }

  /** Guests of shares that are with an account: itself, everybody, its groups. */
  #whom(guest: string): string[] {
    return this.#sql.whom.all(guest).map((row) => Object.values(row)[0] as string);
  }

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }

  #write<T>(durable: boolean, work: () => T): Promise<T> {
    return this.connection.write(durable, work);
  }
}

function asShare(row: Record<string, unknown>): ShareRecord {
  return { ...row, directory: row.directory === 1 } as unknown as ShareRecord;
}
