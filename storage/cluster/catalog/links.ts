import type { LinkBook, LinkRecord } from "../../contract/books/link_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import type { Database, Sql } from "../postgres/database.ts";
import { OwnedRows } from "./owned_rows.ts";

/** Public links in PostgreSQL. */
export class PostgresLinks implements LinkBook {
  readonly #rows: OwnedRows<LinkRecord>;

  constructor(private readonly database: Database) {
    this.#rows = new OwnedRows(database, columns, owned);
  }

  async add(link: LinkRecord, generation: number): Promise<boolean> {
    // The lock makes a change of the password wait, or be seen. A repetition finds its own row.
    const added = await this.database.repeat((sql) =>
      sql`INSERT INTO links
        SELECT ${link.id}, id, ${link.path}, ${link.directory}::boolean, ${link.hash}, ${link.key},
          ${link.label}, ${link.passwordHash}::text, ${link.pinnedHash}::text,
          ${link.maxDownloads}::bigint, ${link.downloads}::bigint, ${link.createdMs}::bigint,
          ${link.lastUsedMs}::bigint, ${link.expiresMs}::bigint
        FROM accounts WHERE name = ${link.owner} AND generation = ${generation} FOR SHARE
        ON CONFLICT (id) DO UPDATE SET id = excluded.id`
    );
    return added.count === 1;
  }

  get(id: string): Promise<LinkRecord | undefined> {
    return this.#rows.one((sql) => sql`r.id = ${id}`);
  }

  byHash(hash: string): Promise<LinkRecord | undefined> {
    return this.#rows.one((sql) => sql`r.hash = ${hash}`);
  }

  of(owner: string, page: Page<ByAge>): Promise<LinkRecord[]> {
    return this.#rows.of(owner, page);
  }

  async countDownload(id: string, atMs: number): Promise<boolean> {
    const counted = await this.database.query((sql) =>
      sql`UPDATE links SET downloads = downloads + 1, last_used_ms = ${atMs} WHERE id = ${id}
        AND downloads < coalesce(max_downloads, downloads + 1)
        AND (expires_ms IS NULL OR expires_ms > ${atMs})`
    );
    return counted.count === 1;
  }

  async remove(owner: string, id: string): Promise<boolean> {
    const removed = await this.database.query((sql) =>
      sql`DELETE FROM links l USING accounts a
        WHERE l.id = ${id} AND a.id = l.owner AND a.name = ${owner}`
    );
    return removed.count === 1;
  }

  async removeExpired(nowMs: number): Promise<void> {
    await this.database.query((sql) => sql`DELETE FROM links WHERE expires_ms <= ${nowMs}`);
  }
}

function columns(sql: Sql) {
  return sql`r.id, a.name AS owner, r.path, r.directory, r.hash, r.key, r.label,
    r.password_hash AS "passwordHash", r.pinned_hash AS "pinnedHash",
    r.max_downloads AS "maxDownloads", r.downloads, r.created_ms AS "createdMs",
    r.last_used_ms AS "lastUsedMs", r.expires_ms AS "expiresMs"`;
}

function owned(sql: Sql) {
  return sql`links r JOIN accounts a ON a.id = r.owner`;
}
