import type { LinkBook, LinkRecord } from "../../contract/books/link_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import type { Database, Sql } from "../postgres/database.ts";

/** Public links in PostgreSQL. */
export class PostgresLinks implements LinkBook {
  constructor(private readonly database: Database) {}

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
    return this.#one((sql) => sql`l.id = ${id}`);
  }

  byHash(hash: string): Promise<LinkRecord | undefined> {
    return this.#one((sql) => sql`l.hash = ${hash}`);
  }

  async of(owner: string, { after, count }: Page<ByAge>): Promise<LinkRecord[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT ${columns(sql)} FROM links l JOIN accounts a ON a.id = l.owner
        WHERE a.name = ${owner}
          AND (l.created_ms, l.id) > (${after?.createdMs ?? -1}::bigint, ${after?.id ?? ""})
        ORDER BY l.created_ms, l.id LIMIT ${count}`
    );
    return rows.map((row) => ({ ...row }) as LinkRecord);
  }

  async countDownload(id: string, atMs: number): Promise<boolean> {
    const counted = await this.database.query((sql) =>
      sql`UPDATE links SET downloads = downloads + 1, last_used_ms = ${atMs} WHERE id = ${id}
        AND downloads < coalesce(max_downloads, downloads + 1)
        AND ${atMs} < coalesce(expires_ms, ${atMs} + 1)`
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

  async #one(where: (sql: Sql) => ReturnType<Sql>): Promise<LinkRecord | undefined> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT ${columns(sql)} FROM links l JOIN accounts a ON a.id = l.owner
        WHERE ${where(sql)}`
    );
    return row && { ...row } as LinkRecord;
  }
}

function columns(sql: Sql) {
  return sql`l.id, a.name AS owner, l.path, l.directory, l.hash, l.key, l.label,
    l.password_hash AS "passwordHash", l.pinned_hash AS "pinnedHash",
    l.max_downloads AS "maxDownloads", l.downloads, l.created_ms AS "createdMs",
    l.last_used_ms AS "lastUsedMs", l.expires_ms AS "expiresMs"`;
}
