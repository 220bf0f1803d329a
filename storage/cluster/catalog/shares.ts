import type { ShareBook, ShareRecord } from "../../contract/books/share_book.ts";
import type { ShareSearch } from "../../contract/books/share_book.ts";
import type { Page } from "../../contract/values/page.ts";
import { parentOf, type VirtualPath } from "../../contract/path.ts";
import type { Database, Sql } from "../postgres/database.ts";
import type { Fragment } from "./owned_rows.ts";

/** Shares in PostgreSQL. */
export class PostgresShares implements ShareBook {
  constructor(private readonly database: Database) {}

  async put(share: ShareRecord, generation: number): Promise<boolean> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT share_put(${sql.json({ ...share })}, ${generation}) AS is_put`
    );
    return row!["is_put"];
  }

  by(owner: string, { after, count }: Page<ShareRecord>): Promise<ShareRecord[]> {
    const [path, guest] = [after?.path ?? "", after?.guest ?? ""];
    return this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM shares WHERE owner = ${idOf(sql, owner)}
          AND left(path, 600) >= left(${path}, 600) AND (path, guest_name) > (${path}, ${guest})
        ORDER BY left(path, 600), path, guest_name LIMIT ${count}`
    );
  }

  with(guest: string, { after, count }: Page<ShareRecord>): Promise<ShareRecord[]> {
    const { owner = "", path = "", guest: last = "" } = after ?? {};
    return this.#list((sql) =>
      sql`${
        withGuest(sql, guest, (whom) =>
          sql`SELECT ${columns(sql)} FROM shares WHERE ${whom} AND owner_name >= ${owner}
            AND (owner_name > ${owner} OR left(path, 600) >= left(${path}, 600))
            AND (owner_name, path, guest_name) > (${owner}, ${path}, ${last})
          ORDER BY owner_name, left(path, 600), path LIMIT ${count}`)
      } ORDER BY owner, path, guest LIMIT ${count}`
    );
  }

  async get(id: string): Promise<ShareRecord | undefined> {
    const [share] = await this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM shares WHERE id = ${id}`
    );
    return share;
  }

  at(
    owner: string,
    path: VirtualPath,
    { after, count }: Page<ShareRecord>,
  ): Promise<ShareRecord[]> {
    return this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM shares WHERE owner = ${idOf(sql, owner)}
          AND ${atPath(sql, path)} AND guest_name > ${after?.guest ?? ""}
        ORDER BY guest_name LIMIT ${count}`
    );
  }

  async among(
    owner: string,
    paths: readonly VirtualPath[],
    nowMs: number,
  ): Promise<VirtualPath[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT p AS path FROM jsonb_array_elements_text(${sql.json(paths)}) AS p
        WHERE EXISTS (SELECT FROM shares WHERE owner = ${idOf(sql, owner)}
          AND left(path, 600) = left(p, 600) AND path = p
          AND (expires_ms IS NULL OR expires_ms > ${nowMs}))`
    );
    return rows.map(({ path }) => path);
  }

  async within(owner: string, path: VirtualPath): Promise<boolean> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT grants_within(${idOf(sql, owner)}, ${path}) AS is_within`
    );
    return row!["is_within"];
  }

  above(guest: string, owner: string, path: VirtualPath): Promise<ShareRecord[]> {
    const paths = [path];
    while (paths.at(-1) !== "/") paths.push(parentOf(paths.at(-1)!));
    return this.#list((sql) =>
      sql`SELECT ${columns(sql)} FROM jsonb_array_elements_text(${sql.json(paths)}) AS p
        JOIN shares ON left(path, 600) = left(p, 600) AND path = p
        WHERE owner = ${idOf(sql, owner)} AND guest_name IN (SELECT guests_of(${guest}))
          AND owner_name <> ${guest}
        ORDER BY path, guest_name`
    );
  }

  async below(
    guest: string,
    { owner, path, nowMs, after = "", count }: ShareSearch,
  ): Promise<VirtualPath[]> {
    const [first, end] = path === "/" ? ["/", "0"] : [`${path}/`, `${path}0`];
    const rows = await this.database.repeat((sql) =>
      sql`${
        withGuest(sql, guest, (whom) =>
          sql`SELECT path FROM shares WHERE ${whom} AND owner_name = ${owner}
            AND left(path, 600) BETWEEN left(${first}, 600) AND left(${end}, 600)
            AND left(path, 600) >= left(${after}, 600)
            AND path > ${first} AND path < ${end} AND path > ${after}
            AND (expires_ms IS NULL OR expires_ms > ${nowMs})
          ORDER BY left(path, 600), path LIMIT ${count}`)
      } ORDER BY path LIMIT ${count}`
    );
    return rows.map((row) => row["path"]);
  }

  async owners(
    guest: string,
    { nowMs, after = "", count }: Omit<ShareSearch, "owner" | "path">,
  ): Promise<string[]> {
    const next = (sql: Sql, behind: Fragment) =>
      sql`(SELECT min(owner_name) FROM (${
        withGuest(sql, guest, (whom) =>
          sql`SELECT owner_name FROM shares WHERE ${whom} AND owner_name > ${behind}
            AND (expires_ms IS NULL OR expires_ms > ${nowMs}) ORDER BY owner_name LIMIT 1`)
      }) AS both_lists)`;
    // One search by index for each owner, however many shares each has.
    const rows = await this.database.repeat((sql) =>
      sql`WITH RECURSIVE o (name, nr) AS (
          SELECT ${next(sql, sql`${after}`)}, 1
          UNION ALL SELECT ${next(sql, sql`o.name`)}, nr + 1 FROM o
            WHERE o.name IS NOT NULL AND nr < ${count}
        ) SELECT name FROM o WHERE name IS NOT NULL ORDER BY name`
    );
    return rows.map(({ name }) => name);
  }

  async latestMs(guest: string, owner?: string, path: VirtualPath = "/"): Promise<number> {
    const [row] = await this.database.repeat((sql) =>
      owner === undefined
        ? sql`SELECT max(created_ms) AS ms FROM (${
          withGuest(sql, guest, (whom) =>
            sql`SELECT created_ms FROM shares WHERE ${whom} ORDER BY created_ms DESC LIMIT 1`)
        }) AS both_lists`
        : sql`SELECT max(created_ms) AS ms FROM shares
          WHERE guest_name IN (SELECT guests_of(${guest})) AND owner_name <> ${guest}
            AND owner_name = ${owner} AND is_within(path, ${path})
            AND (${path} = '/' OR
              left(path, 600) BETWEEN left(${path}, 600) AND left(${path} || '0', 600))`
    );
    return row!["ms"] ?? 0;
  }

  async remove(owner: string, path: VirtualPath, guest?: string): Promise<number> {
    const removed = await this.database.query((sql) =>
      sql`DELETE FROM shares WHERE owner = ${idOf(sql, owner)} AND ${atPath(sql, path)}
        AND guest_name = coalesce(${guest ?? null}, guest_name)`
    );
    return removed.count;
  }

  async removeExpired(nowMs: number): Promise<void> {
    await this.database.query((sql) => sql`DELETE FROM shares WHERE expires_ms <= ${nowMs}`);
  }

  async #list(query: (sql: Sql) => Fragment): Promise<ShareRecord[]> {
    const rows = await this.database.repeat(query);
    return rows.map((row) => ({ ...row }) as ShareRecord);
  }
}

function columns(sql: Sql) {
  return sql`id, owner_name AS owner, path, guest_name AS guest, letters, directory,
    created_ms AS "createdMs", expires_ms AS "expiresMs"`;
}

function idOf(sql: Sql, name: string) {
  return sql`(SELECT id FROM accounts WHERE name = ${name})`;
}

function atPath(sql: Sql, path: VirtualPath) {
  return sql`left(path, 600) = left(${path}, 600) AND path = ${path}`;
}

/** Rows of a search for each guest that an account is, each of which an index answers. */
function withGuest(sql: Sql, guest: string, select: (whom: Fragment) => Fragment) {
  const whom = sql`guest_name = whom AND owner_name <> ${guest}`;
  return sql`SELECT found.* FROM guests_of(${guest}) AS whom CROSS JOIN LATERAL (${
    select(whom)
  }) AS found`;
}
