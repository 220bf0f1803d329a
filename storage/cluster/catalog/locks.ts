import type {
  LockAnswer,
  LockBook,
  LockRecord,
  LockSearch,
} from "../../contract/books/lock_book.ts";
import { parentOf, type VirtualPath } from "../../contract/path.ts";
import type { Page } from "../../contract/values/page.ts";
import type { Database, Sql } from "../postgres/database.ts";
import type { Fragment } from "./owned_rows.ts";

/** Locks in PostgreSQL. Changes of names ask for them in the database (migrations/013_locks.sql.ts). */
export class PostgresLocks implements LockBook {
  constructor(private readonly database: Database) {}

  async take(lock: LockRecord, max: number): Promise<LockAnswer> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT lock_take(${sql.json({ ...lock })}, ${max}) AS answer`
    );
    return row!["answer"];
  }

  above(owner: string, path: VirtualPath, nowMs: number): Promise<LockRecord[]> {
    const paths: VirtualPath[] = [];
    for (let at = path; at !== "/"; at = parentOf(at)) paths.push(at);
    return this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM jsonb_array_elements_text(${sql.json(paths)}) AS p
        JOIN locks ON md5(path) = md5(p) AND path = p
        WHERE owner = ${idOf(sql, owner)} AND expires_ms > ${nowMs} ORDER BY path`
    );
  }

  around(owner: string, directory: VirtualPath, nowMs: number): Promise<LockRecord[]> {
    return this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM locks WHERE owner = ${idOf(sql, owner)}
        AND expires_ms > ${nowMs} AND (is_within(${directory}, path) OR (is_within(path, ${directory})
          AND strpos(substr(path, length(rtrim(${directory}, '/')) + 2), '/') = 0))
        ORDER BY path`
    );
  }

  list(
    { owner, account, nowMs }: LockSearch,
    { after, count }: Page<LockRecord>,
  ): Promise<LockRecord[]> {
    return this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM locks
        WHERE owner_name = coalesce(${owner ?? null}, owner_name)
          AND account_name = coalesce(${account ?? null}, account_name) AND expires_ms > ${nowMs}
          AND (owner_name, path) > (${after?.owner ?? ""}, ${after?.path ?? ""})
        ORDER BY owner_name, path LIMIT ${count}`
    );
  }

  async remove(
    owner: string,
    path: VirtualPath,
    account?: string,
  ): Promise<LockRecord | undefined> {
    const [row] = await this.database.query((sql) =>
      sql`DELETE FROM locks WHERE owner = ${idOf(sql, owner)} AND md5(path) = md5(${path})
        AND path = ${path} AND account_name = coalesce(${account ?? null}, account_name)
        RETURNING ${columns(sql)}`
    );
    return row && { ...row } as LockRecord;
  }

  async removeExpired(nowMs: number): Promise<void> {
    await this.database.query((sql) => sql`DELETE FROM locks WHERE expires_ms <= ${nowMs}`);
  }

  /** Corrects times after `nowMs`, as the catalog's `redate`. */
  async redate(nowMs: number): Promise<void> {
    await this.database.repeat((sql) =>
      sql`UPDATE locks SET expires_ms = expires_ms - created_ms + ${nowMs}::bigint,
        created_ms = ${nowMs} WHERE created_ms > ${nowMs}`
    );
  }

  async #list(query: (sql: Sql) => Fragment): Promise<LockRecord[]> {
    const rows = await this.database.repeat(query);
    return rows.map((row) => ({ ...row }) as LockRecord);
  }
}

function columns(sql: Sql) {
  return sql`owner_name AS owner, path, account_name AS account, note,
    created_ms AS "createdMs", expires_ms AS "expiresMs"`;
}

function idOf(sql: Sql, name: string) {
  return sql`(SELECT id FROM accounts WHERE name = ${name})`;
}
