import { BoundedMap } from "../../../common/bounded_map.ts";
import type { FailureBook, Failures } from "../../contract/books/failure_book.ts";
import type { Database } from "../postgres/database.ts";
import { noted } from "./notes.ts";

/** Keys that are remembered by the process while nothing can be written. */
const MAX_UNWRITTEN = 1000;

/** Failed logins in PostgreSQL. */
export class PostgresFailures implements FailureBook {
  /** Failures that could not be written: a full database makes guessing no quicker. */
  readonly #unwritten = new BoundedMap<string, Failures>({ max: MAX_UNWRITTEN });

  constructor(private readonly database: Database) {}

  async of(keys: readonly string[]): Promise<(Failures | undefined)[]> {
    const rows = await this.database.repeat((sql) =>
      sql`SELECT f.key, f.count, f.last_ms FROM jsonb_array_elements_text(${sql.json(keys)}) AS k
        JOIN failures f ON f.key = k`
    );
    const known = new Map(rows.map(({ key, count, last_ms }) => [key, { count, lastMs: last_ms }]));
    return keys.map((key) => summed(known.get(key), this.#unwritten.get(key)));
  }

  async count(
    keys: readonly string[],
    atMs: number,
    { forgetBeforeMs, maxKeys }: { forgetBeforeMs: number; maxKeys: number },
  ): Promise<void> {
    const written = await noted(
      this.database.query((sql) =>
        sql`SELECT failures_count(${sql.json(keys)}, ${atMs}, ${forgetBeforeMs}, ${maxKeys})`
      ),
    );
    if (!written) { for (const key of keys) this.#remember(key, atMs, forgetBeforeMs); }
  }

  async forget(key: string): Promise<void> {
    this.#unwritten.delete(key);
    await noted(this.database.query((sql) => sql`DELETE FROM failures WHERE key = ${key}`));
  }

  #remember(key: string, atMs: number, forgetBeforeMs: number): void {
    const before = this.#unwritten.get(key);
    const count = before === undefined || before.lastMs < forgetBeforeMs ? 0 : before.count;
    this.#unwritten.set(key, { count: count + 1, lastMs: atMs });
  }
}

function summed(written: Failures | undefined, unwritten: Failures | undefined) {
  if (unwritten === undefined) return written;
  return {
    count: unwritten.count + (written?.count ?? 0),
    lastMs: Math.max(unwritten.lastMs, written?.lastMs ?? 0),
  };
}
