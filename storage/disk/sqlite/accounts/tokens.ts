import { BoundedMap } from "../../../../common/bounded_map.ts";
import type { TokenBook, TokenRecord } from "../../../contract/books/token_book.ts";
import type { ByAge, Page } from "../../../contract/values/page.ts";
import { behind, placeOf } from "../connection/by_age.ts";
import type { Connection } from "../connection/connection.ts";
import type { Epoch } from "../../../common/epoch.ts";
import { deleteSome, inSteps, ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";

const COLUMNS = `id, account, hash, label, letters, path, created_ms AS createdMs,
  last_used_ms AS lastUsedMs, expires_ms AS expiresMs`;

const MAX_KNOWN = 1000;

/** Tokens in SQLite. */
export class SqliteTokens implements TokenBook {
  readonly #sql;
  readonly #known = new BoundedMap<string, { token: TokenRecord; epoch: number }>({
    max: MAX_KNOWN,
  });

  constructor(private readonly connection: Connection, private readonly epoch: Epoch) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      add: prepare(
        `INSERT INTO tokens SELECT ?, name, ?, ?, ?, ?, ?, ?, ? FROM accounts
        WHERE name = ? AND generation = ?`,
      ),
      get: prepare(`SELECT ${COLUMNS} FROM tokens WHERE id = ?`),
      byHash: prepare(`SELECT ${COLUMNS} FROM tokens WHERE hash = ?`),
      of: prepare(`SELECT ${COLUMNS} FROM tokens WHERE account = ? AND ${behind()}`),
      noteUse: prepare("UPDATE tokens SET last_used_ms = ? WHERE id = ?"),
      remove: prepare("DELETE FROM tokens WHERE account = ? AND id = ?"),
      removeExpired: prepare(deleteSome("tokens", "id", "expires_ms <= ?")),
    };
  }

  add(token: TokenRecord, generation: number): Promise<boolean> {
    const { id, account, hash, label, letters, path, createdMs, lastUsedMs, expiresMs } = token;
    const values = [id, hash, label, letters, path, createdMs, lastUsedMs, expiresMs];
    return this.#write(
      true,
      () => this.#sql.add.run(...values, account, generation).changes === 1,
    );
  }

  get(id: string): Promise<TokenRecord | undefined> {
    // Cached, because every step of a transfer reads it, as it does accounts.
    const epoch = this.epoch.now;
    const known = this.#known.get(id);
    if (known?.epoch === epoch) return Promise.resolve({ ...known.token });
    return this.#read(() => {
      const token = asToken(this.#sql.get.get(id));
      if (token) this.#known.set(id, { token, epoch });
      else this.#known.delete(id);
      return token && { ...token };
    });
  }

  byHash(hash: string): Promise<TokenRecord | undefined> {
    return this.#read(() => asToken(this.#sql.byHash.get(hash)));
  }

  of(account: string, page: Page<ByAge>): Promise<TokenRecord[]> {
    const values = placeOf(page);
    return this.#read(() => this.#sql.of.all(account, ...values).map((row) => asToken(row)!));
  }

  noteUse(id: string, atMs: number): Promise<void> {
    return settled(() =>
      void this.connection.note(() => {
        this.epoch.end();
        this.#sql.noteUse.run(atMs, id);
      })
    );
  }

  remove(account: string, id: string): Promise<boolean> {
    return this.#write(true, () => this.#sql.remove.run(account, id).changes === 1);
  }

  removeExpired(nowMs: number): Promise<void> {
    const { removeExpired } = this.#sql;
    return inSteps(() =>
      this.#write(false, () => removeExpired.run(nowMs).changes === ROWS_AT_ONCE)
    );
  }

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }

  #write<T>(durable: boolean, work: () => T): Promise<T> {
    return this.connection.write(durable, () => {
      this.epoch.end(); // not before: the write may have waited
      return work();
    });
  }
}

function asToken(row: unknown): TokenRecord | undefined {
  return row ? { ...row as TokenRecord } : undefined;
}
