import type { WebSessionBook, WebSessionRecord } from "../../../contract/books/web_session_book.ts";
import type { ByAge, Page } from "../../../contract/values/page.ts";
import { behind, placeOf } from "../connection/by_age.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "./grants.ts";
import { deleteSome, inSteps, ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";

const COLUMNS = `s.id, s.account, s.generation, s.hash, s.address, s.created_ms AS createdMs,
  s.last_used_ms AS lastUsedMs, s.expires_ms AS expiresMs, s.agent`;
/** Those whose account is as it was when they began. */
const CURRENT =
  "web_sessions s JOIN accounts a ON a.name = s.account AND a.generation = s.generation";

/** Sessions of browsers in SQLite. */
export class SqliteWebSessions implements WebSessionBook, Grants {
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      add: prepare(
        `INSERT INTO web_sessions SELECT ?, name, generation, ?, ?, ?, ?, ?, ? FROM accounts
        WHERE name = ? AND generation = ?`,
      ),
      byHash: prepare(`SELECT ${COLUMNS} FROM ${CURRENT} WHERE s.hash = ?`),
      of: prepare(`SELECT ${COLUMNS} FROM ${CURRENT} WHERE s.account = ? AND ${behind("s.")}`),
      noteUse: prepare("UPDATE web_sessions SET last_used_ms = ? WHERE id = ?"),
      renew: prepare(
        `UPDATE web_sessions SET hash = ?1, generation = ?2 WHERE id = ?3 AND EXISTS
          (SELECT 1 FROM accounts WHERE name = account AND accounts.generation = ?2)`,
      ),
      remove: prepare("DELETE FROM web_sessions WHERE id = ?"),
      removeOf: prepare("DELETE FROM web_sessions WHERE account = ?"),
      removeExpired: prepare(
        deleteSome("web_sessions", "id", "expires_ms <= ? OR last_used_ms <= ?"),
      ),
      removeSomeOf: prepare(deleteSome("web_sessions", "id", "account = ?")),
    };
  }

  add(session: WebSessionRecord): Promise<boolean> {
    const { id, account, generation, hash, address, createdMs, lastUsedMs, expiresMs } = session;
    const values = [id, hash, address, createdMs, lastUsedMs, expiresMs, session.agent];
    return this.#write(
      false,
      () => this.#sql.add.run(...values, account, generation).changes === 1,
    );
  }

  byHash(hash: string): Promise<WebSessionRecord | undefined> {
    return this.#read(() => asSession(this.#sql.byHash.get(hash)));
  }

  of(account: string, page: Page<ByAge>): Promise<WebSessionRecord[]> {
    const values = placeOf(page);
    return this.#read(() => this.#sql.of.all(account, ...values).map((row) => asSession(row)!));
  }

  noteUse(id: string, atMs: number): Promise<void> {
    return settled(() => void this.connection.note(() => void this.#sql.noteUse.run(atMs, id)));
  }

  renew(id: string, hash: string, generation: number): Promise<boolean> {
    return this.#write(true, () => this.#sql.renew.run(hash, generation, id).changes === 1);
  }

  remove(id: string): Promise<boolean> {
    return this.#write(true, () => this.#sql.remove.run(id).changes === 1);
  }

  removeExpired(nowMs: number, unusedSinceMs: number): Promise<void> {
    const { removeExpired } = this.#sql;
    return inSteps(() =>
      this.#write(false, () => removeExpired.run(nowMs, unusedSinceMs).changes === ROWS_AT_ONCE)
    );
  }

  forgetAccount(name: string): void {
    this.#sql.removeOf.run(name);
  }

  forgetAccountSome(name: string): boolean {
    return this.#sql.removeSomeOf.run(name).changes === ROWS_AT_ONCE;
  }

  /** Sessions are of an account, not of files. */
  forget(): void {}

  move(): void {}

  #read<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.read(work));
  }

  #write<T>(durable: boolean, work: () => T): Promise<T> {
    return this.connection.write(durable, work);
  }
}

function asSession(row: unknown): WebSessionRecord | undefined {
  return row ? { ...row as WebSessionRecord } : undefined;
}
