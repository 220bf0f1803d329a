import { BoundedMap } from "../../../../common/bounded_map.ts";
import type { FailureBook, Failures } from "../../../contract/books/failure_book.ts";
import type { Connection } from "../connection/connection.ts";
import { settled } from "../connection/settled.ts";

/** Keys that are remembered by the process while nothing can be written. */
const MAX_UNWRITTEN = 1000;

/** Failed logins in SQLite. */
export class SqliteFailures implements FailureBook {
  readonly #sql;
  /** Failures that could not be written: a full disk makes guessing no quicker. */
  readonly #unwritten = new BoundedMap<string, Failures>({ max: MAX_UNWRITTEN });

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
          const row = this.#sql.get.get(key) as unknown as Failures | undefined;
          return summed(row, this.#unwritten.get(key));
        })
      )
    );
  }

  count(
    keys: readonly string[],
    atMs: number,
    { forgetBeforeMs, maxKeys }: { forgetBeforeMs: number; maxKeys: number },
  ): Promise<void> {
    return settled(() => {
      const written = this.connection.note(() => {
        for (const key of keys) this.#sql.count.run(key, atMs, forgetBeforeMs);
        this.#sql.forgetOld.run(forgetBeforeMs);
        this.#sql.forgetMost.run(maxKeys);
      });
      if (!written) { for (const key of keys) this.#remember(key, atMs, forgetBeforeMs); }
    });
  }

  forget(key: string): Promise<void> {
    this.#unwritten.delete(key);
    return settled(() => void this.connection.note(() => void this.#sql.forget.run(key)));
  }

  #remember(key: string, atMs: number, forgetBeforeMs: number): void {
    const before = this.#unwritten.get(key);
    const count = before === undefined || before.lastMs < forgetBeforeMs ? 0 : before.count;
    this.#unwritten.set(key, { count: count + 1, lastMs: atMs });
  }
}

function summed(written: Failures | undefined, unwritten: Failures | undefined) {
  if (unwritten === undefined) return written && { ...written };
  return {
    count: unwritten.count + (written?.count ?? 0),
    lastMs: Math.max(unwritten.lastMs, written?.lastMs ?? 0),
  };
}
