import type { TokenBook, TokenRecord } from "../../contract/books/token_book.ts";
import type { ByAge, Page } from "../../contract/values/page.ts";
import type { Epoch } from "../../common/epoch.ts";
import type { Database, Sql } from "../postgres/database.ts";
import { FreshValues } from "./fresh_values.ts";
import { noted } from "./notes.ts";
import { OwnedRows } from "./owned_rows.ts";

/** Most tokens in the cache. */
const MAX_KNOWN = 1000;

/** Tokens in PostgreSQL. */
export class PostgresTokens implements TokenBook {
  readonly #rows: OwnedRows<TokenRecord>;
  readonly #known: FreshValues<TokenRecord>;

  constructor(private readonly database: Database, private readonly epoch: Epoch) {
    this.#rows = new OwnedRows(database, columns, owned);
    this.#known = new FreshValues(epoch, MAX_KNOWN);
  }

  async add(token: TokenRecord, generation: number): Promise<boolean> {
    const { id, account, hash, label, letters, path, createdMs, lastUsedMs, expiresMs } = token;
    // The lock makes a change of the password wait, or be seen. A repetition finds its own row.
    const added = await this.database.repeat((sql) =>
      sql`INSERT INTO tokens
        SELECT ${id}, id, ${hash}, ${label}, ${letters}, ${path}, ${createdMs}::bigint,
          ${lastUsedMs}::bigint, ${expiresMs}::bigint
        FROM accounts WHERE name = ${account} AND generation = ${generation} FOR SHARE
        ON CONFLICT (id) DO UPDATE SET id = excluded.id`
    );
    this.epoch.end();
    return added.count === 1;
  }

  get(id: string): Promise<TokenRecord | undefined> {
    return this.#known.get(id, () => this.#rows.one((sql) => sql`r.id = ${id}`));
  }

  byHash(hash: string): Promise<TokenRecord | undefined> {
    return this.#rows.one((sql) => sql`r.hash = ${hash}`);
  }

  of(account: string, page: Page<ByAge>): Promise<TokenRecord[]> {
    return this.#rows.of(account, page);
  }

  async noteUse(id: string, atMs: number): Promise<void> {
    this.#known.forget(id);
    await noted(this.database.query((sql) =>
      sql`UPDATE tokens SET last_used_ms = ${atMs}
        FROM (SELECT set_config('synchronous_commit', 'off', true)) AS soon WHERE id = ${id}`
    ));
  }

  async remove(account: string, id: string): Promise<boolean> {
    const removed = await this.database.query((sql) =>
      sql`DELETE FROM tokens t USING accounts a
        WHERE t.id = ${id} AND a.id = t.account AND a.name = ${account}`
    );
    this.epoch.end();
    return removed.count === 1;
  }

  async removeExpired(nowMs: number): Promise<void> {
    await this.database.query((sql) => sql`DELETE FROM tokens WHERE expires_ms <= ${nowMs}`);
    this.epoch.end();
  }
}

function columns(sql: Sql) {
  return sql`r.id, a.name AS account, r.hash, r.label, r.letters, r.path,
    r.created_ms AS "createdMs", r.last_used_ms AS "lastUsedMs", r.expires_ms AS "expiresMs"`;
}

function owned(sql: Sql) {
  return sql`tokens r JOIN accounts a ON a.id = r.account`;
}
