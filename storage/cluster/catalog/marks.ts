import type { MarkBook, MarkName } from "../../contract/books/mark_book.ts";
import type { Database } from "../postgres/database.ts";
import { noted } from "./notes.ts";

/** Times in PostgreSQL. */
export class PostgresMarks implements MarkBook {
  constructor(private readonly database: Database) {}

  async get(name: MarkName): Promise<number | undefined> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT at_ms FROM marks WHERE name = ${name}`
    );
    return row?.["at_ms"];
  }

  async set(name: MarkName, ms: number): Promise<void> {
    await this.database.repeat((sql) =>
      sql`INSERT INTO marks VALUES (${name}, ${ms})
        ON CONFLICT (name) DO UPDATE SET at_ms = excluded.at_ms`
    );
  }

  async note(marks: Partial<Record<MarkName, number>>): Promise<void> {
    await noted(this.database.query((sql) =>
      sql`INSERT INTO marks SELECT m.key, m.value::bigint
        FROM jsonb_each_text(${sql.json(marks)}) AS m,
          (SELECT set_config('synchronous_commit', 'off', true)) AS soon ORDER BY m.key
        ON CONFLICT (name) DO UPDATE SET at_ms = excluded.at_ms`
    ));
  }
}
