import type { MarkBook, MarkName } from "../../contract/books/mark_book.ts";
import type { Connection } from "./connection/connection.ts";
import { settled } from "./connection/settled.ts";

/** Times in SQLite. */
export class SqliteMarks implements MarkBook {
  readonly #sql;

  constructor(private readonly connection: Connection) {
    this.#sql = {
      get: connection.prepare("SELECT at_ms AS atMs FROM marks WHERE name = ?"),
      set: connection.prepare(
        "INSERT INTO marks VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at_ms = ?2",
      ),
    };
  }

  get(name: MarkName): Promise<number | undefined> {
    return settled(() => this.connection.read(() => this.#sql.get.get(name)?.atMs as number));
  }

  note(marks: Partial<Record<MarkName, number>>): Promise<void> {
    return settled(() =>
      void this.connection.note(() => {
        for (const [name, ms] of Object.entries(marks)) this.#sql.set.run(name, ms);
      })
    );
  }

  set(name: MarkName, ms: number): Promise<void> {
    return this.connection.write(true, () => void this.#sql.set.run(name, ms));
  }
}
