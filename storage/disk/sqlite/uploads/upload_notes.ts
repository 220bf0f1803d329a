import type { UploadNote, UploadNoteBook } from "../../../contract/books/upload_note_book.ts";
import type { Connection } from "../connection/connection.ts";
import type { Grants } from "../accounts/grants.ts";
import { deleteSome, inSteps, ROWS_AT_ONCE } from "../connection/steps.ts";
import { settled } from "../connection/settled.ts";

const COLUMNS = "id, account, text, path, size, hash, at_ms AS atMs";

/** Notes on uploads in SQLite. */
export class SqliteUploadNotes implements UploadNoteBook, Grants {
  readonly #sql;

  constructor(private readonly connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#sql = {
      put: prepare(
        `INSERT OR REPLACE INTO upload_notes (id, account, text, path, size, hash, at_ms)
        SELECT ?, name, ?, ?, ?, ?, ? FROM accounts WHERE name = ?`,
      ),
      find: prepare(`SELECT ${COLUMNS} FROM upload_notes WHERE id = ? AND account = ?`),
      remove: prepare("DELETE FROM upload_notes WHERE id = ?"),
      removeOf: prepare("DELETE FROM upload_notes WHERE account = ?"),
      removeOld: prepare(
        deleteSome(
          "upload_notes",
          "id",
          `at_ms < ? AND (path IS NOT NULL OR NOT EXISTS
            (SELECT 1 FROM uploads WHERE uploads.id = upload_notes.id AND finished = 0))`,
        ),
      ),
      trim: prepare(
        `DELETE FROM upload_notes WHERE id IN (SELECT id FROM upload_notes
          WHERE account = ? AND path IS NOT NULL ORDER BY at_ms DESC, id LIMIT -1 OFFSET ?)`,
      ),
    };
  }

  put({ id, account, text, result, atMs }: UploadNote): Promise<void> {
    const { path = null, size = null, hash = null } = result ?? {};
    return this.#write(() => void this.#sql.put.run(id, text, path, size, hash, atMs, account));
  }

  find(id: string, account: string): Promise<UploadNote | undefined> {
    return settled(() => this.connection.read(() => asNote(this.#sql.find.get(id, account))));
  }

  remove(id: string): Promise<void> {
    return this.#write(() => void this.#sql.remove.run(id));
  }

  removeOld(beforeMs: number): Promise<void> {
    const { removeOld } = this.#sql;
    return inSteps(() => this.#write(() => removeOld.run(beforeMs).changes === ROWS_AT_ONCE));
  }

  trim(account: string, keep: number): Promise<void> {
    return this.#write(() => void this.#sql.trim.run(account, keep));
  }

  forgetAccount(name: string): void {
    this.#sql.removeOf.run(name);
  }

  /** Notes are on uploads, not on files. */
  forget(): void {}

  move(): void {}

  #write<T>(work: () => T): Promise<T> {
    return this.connection.write(false, work);
  }
}

function asNote(row: Record<string, unknown> | undefined): UploadNote | undefined {
  if (row === undefined) return undefined;
  const { id, account, text, path, size, hash, atMs } = row;
  const result = path === null ? null : { path, size, hash };
  return { id, account, text, result, atMs } as UploadNote;
}
