import type { WebSessionBook, WebSessionRecord } from "../../contract/books/web_session_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import type { Database, Sql } from "../postgres/database.ts";
import { noted } from "./notes.ts";
import { OwnedRows } from "./owned_rows.ts";

/** Sessions of browsers in PostgreSQL. */
export class PostgresWebSessions implements WebSessionBook {
  readonly #rows: OwnedRows<WebSessionRecord>;

  constructor(private readonly database: Database) {
    this.#rows = new OwnedRows(database, columns, current);
  }

  async add(session: WebSessionRecord): Promise<boolean> {
    const { id, account, generation, hash, address, agent, createdMs } = session;
    const { lastUsedMs, expiresMs } = session;
    // The lock makes a change of the password wait, or be seen. A repetition finds its own row.
    const added = await this.database.repeat((sql) =>
      sql`INSERT INTO web_sessions
        SELECT ${id}, id, generation, ${hash}, ${address}, ${agent}, ${createdMs}::bigint,
          ${lastUsedMs}::bigint, ${expiresMs}::bigint
        FROM accounts WHERE name = ${account} AND generation = ${generation} FOR SHARE
        ON CONFLICT (id) DO UPDATE SET id = excluded.id`
    );
    return added.count === 1;
  }

  byHash(hash: string): Promise<WebSessionRecord | undefined> {
    return this.#rows.one((sql) => sql`r.hash = ${hash}`);
  }

  of(account: string, page: Page<ByAge>): Promise<WebSessionRecord[]> {
    return this.#rows.of(account, page);
  }

  async noteUse(id: string, atMs: number): Promise<void> {
    await noted(this.database.query((sql) =>
      sql`UPDATE web_sessions SET last_used_ms = ${atMs}
        FROM (SELECT set_config('synchronous_commit', 'off', true)) AS soon WHERE id = ${id}`
    ));
  }

  async renew(id: string, hash: string, generation: number): Promise<boolean> {
    const renewed = await this.database.repeat((sql) =>
      sql`UPDATE web_sessions s SET hash = ${hash}, generation = a.generation
        FROM (SELECT id, generation FROM accounts WHERE generation = ${generation}
          AND id = (SELECT account FROM web_sessions WHERE id = ${id}) FOR SHARE) a
        WHERE s.id = ${id} AND s.account = a.id`
    );
    return renewed.count === 1;
  }

  async remove(id: string): Promise<boolean> {
    const removed = await this.database.query((sql) =>
      sql`DELETE FROM web_sessions WHERE id = ${id}`
    );
    return removed.count === 1;
  }

  async removeExpired(nowMs: number, unusedSinceMs: number): Promise<void> {
    await this.database.query((sql) =>
      sql`DELETE FROM web_sessions WHERE expires_ms <= ${nowMs} OR last_used_ms <= ${unusedSinceMs}`
    );
  }
}

function columns(sql: Sql) {
  return sql`r.id, a.name AS account, r.generation, r.hash, r.address, r.agent,
    r.created_ms AS "createdMs", r.last_used_ms AS "lastUsedMs", r.expires_ms AS "expiresMs"`;
}

/** Those whose account is as it was when they began. */
function current(sql: Sql) {
  return sql`web_sessions r JOIN accounts a ON a.id = r.account AND a.generation = r.generation`;
}
