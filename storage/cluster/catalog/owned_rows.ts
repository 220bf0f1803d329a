import type { PendingQuery, Row } from "postgres";
import type { ByAge, Page } from "../../contract/values/page.ts";
import type { Database, Sql } from "../postgres/database.ts";

/** A part of a query, or a whole one. */
export type Fragment = PendingQuery<Row[]>;

/** Rows of a table `r`, each of which belongs to an account `a`, as records of a book. */
export class OwnedRows<T> {
  /**
   * @param columns those of the record, by its names
   * @param from `r` and `a`, joined
   */
  constructor(
    private readonly database: Database,
    private readonly columns: (sql: Sql) => Fragment,
    private readonly from: (sql: Sql) => Fragment,
  ) {}

  /** The record whose row fulfils a condition. */
  async one(where: (sql: Sql) => Fragment): Promise<T | undefined> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT ${this.columns(sql)} FROM ${this.from(sql)} WHERE ${where(sql)}`
    );
    return row && { ...row } as T;
  }

  /** Records of an account, the oldest first. */
  async of(account: string, { after, count }: Page<ByAge>): Promise<T[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT ${this.columns(sql)} FROM ${this.from(sql)} WHERE a.name = ${account}
          AND (r.created_ms, r.id) > (${after?.createdMs ?? -1}::bigint, ${after?.id ?? ""})
        ORDER BY r.created_ms, r.id LIMIT ${count}`
    );
    return rows.map((row) => ({ ...row }) as T);
  }
}
