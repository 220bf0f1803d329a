import type { AsideBook, AsideRecord } from "../../interfaces/aside_book.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "../accounts/grants.ts";
import { settled } from "../connection/settled.ts";

/** Content that is set aside, in SQLite. */
export class SqliteAsides implements AsideBook, Grants {
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      all: prepare("SELECT id, owner, bytes, at_ms AS atMs FROM asides ORDER BY owner, at_ms, id"),
      add: prepare("INSERT INTO asides VALUES (?, ?, ?, ?)"),
      addNew: prepare("INSERT INTO asides VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      count: prepare("UPDATE accounts SET reserved_bytes = reserved_bytes + ? WHERE name = ?"),
      removeOf: prepare("DELETE FROM asides WHERE owner = ?"),
      free: prepare(
        `UPDATE accounts SET reserved_bytes = max(0, reserved_bytes -
          (SELECT bytes FROM asides WHERE id = ?1))
        WHERE name = (SELECT owner FROM asides WHERE id = ?1)`,
      ),
      remove: prepare("DELETE FROM asides WHERE id = ?"),
    };
  }

  all(): Promise<AsideRecord[]> {
    return settled(() =>
      this.connection.read(() =>
        this.#sql.all.all().map((row) => ({ ...row }) as unknown as AsideRecord)
      )
    );
  }

  add({ id, owner, bytes, atMs }: AsideRecord): Promise<void> {
    return this.#write(() => {
      const { changes } = this.#sql.addNew.run(id, owner, bytes, atMs);
      if (changes === 1) this.#sql.count.run(bytes, owner);
    });
  }

  replace(owner: string, records: readonly AsideRecord[]): Promise<void> {
    return this.#write(() => {
      this.#sql.removeOf.run(owner);
      for (const { id, bytes, atMs } of records) this.#sql.add.run(id, owner, bytes, atMs);
    });
  }

  remove(id: string): Promise<void> {
    return this.#write(() => {
      this.#sql.free.run(id);
      this.#sql.remove.run(id);
    });
  }

  /** Removes all records of an account, within a transaction of the catalog. */
  forgetAccount(name: string): void {
    this.#sql.removeOf.run(name);
  }

  /** No effect: records of content set aside have no path. */
  forget(): void {}

  /** No effect: records of content set aside have no path. */
  move(): void {}

  #write(work: () => void): Promise<void> {
    return this.connection.write(false, work);
  }
}
