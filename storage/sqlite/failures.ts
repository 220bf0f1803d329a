import type { FailureBook, Failures } from "../failure_book.ts";
import type { Connection } from "./connection.ts";
import { settled } from "./settled.ts";

/** Failed logins in SQLite. */
export class SqliteFailures implements FailureBook {
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      get: prepare("SELECT count, last_ms AS lastMs FROM failures WHERE key = ?"),
      count: prepare(
        `INSERT INTO failures VALUES (?1, 1, ?2) ON CONFLICT DO UPDATE SET
          count = CASE WHEN last_ms < ?3 THEN 1 ELSE count + 1 END, last_ms = ?2`,
      ),
      forgetOld: prepare("DELETE FROM failures WHERE last_ms < ?"),
      forgetMost: prepare(
        `DELETE FROM failures WHERE key IN
          (SELECT key FROM failures ORDER BY last_ms DESC, key LIMIT -1 OFFSET ?)`,
      ),
      forget: prepare("DELETE FROM failures WHERE key = ?"),
    };
  }

  of(keys: readonly string[]): Promise<(Failures | undefined)[]> {
    return settled(() =>
      this.connection.read(() =>
        keys.map((key) => {
          const row = this.#sql.get.get(key);
          return row && { ...row } as unknown as Failures;
        })
      )
    );
  }

  count(
    keys: readonly string[],
    atMs: number,
    { forgetBeforeMs, mostKeys }: { forgetBeforeMs: number; mostKeys: number },
  ): Promise<void> {
    return this.#write(() => {
      for (const key of keys) this.#sql.count.run(key, atMs, forgetBeforeMs);
      this.#sql.forgetOld.run(forgetBeforeMs);
      this.#sql.forgetMost.run(mostKeys);
    });
  }

  forget(key: string): Promise<void> {
    return this.#write(() => void this.#sql.forget.run(key));
  }

  #write<T>(work: () => T): Promise<T> {
    return settled(() => this.connection.write(false, work));
  }
}
