import type { UploadNote, UploadNoteBook } from "../../contract/books/upload_note_book.ts";
import type { Database } from "../postgres/database.ts";

/** Notes on uploads in PostgreSQL. */
export class PostgresUploadNotes implements UploadNoteBook {
  constructor(private readonly database: Database) {}

  async put({ id, account, text, result, atMs }: UploadNote): Promise<void> {
    const { path = null, size = null, hash = null } = result ?? {};
    await this.database.repeat((sql) =>
      sql`INSERT INTO upload_notes
        SELECT ${id}, id, ${text}, ${path}::text, ${size}::bigint, ${hash}::text,
          ${atMs}::bigint
        FROM accounts, (SELECT set_config('synchronous_commit', 'off', true)) AS soon
        WHERE name = ${account}
        ON CONFLICT (id) DO UPDATE SET account = excluded.account, text = excluded.text,
          path = excluded.path, size = excluded.size, hash = excluded.hash, at_ms = excluded.at_ms`
    );
  }

  async find(id: string, account: string): Promise<UploadNote | undefined> {
    const [row] = await this.database.repeat((sql) =>
      sql`SELECT n.text, n.path, n.size, n.hash, n.at_ms FROM upload_notes n
        JOIN accounts a ON a.id = n.account WHERE n.id = ${id} AND a.name = ${account}`
    );
    if (row === undefined) return undefined;
    const { text, path, size, hash, at_ms: atMs } = row;
    const result = path === null ? null : { path, size, hash };
    return { id, account, text, result, atMs } as UploadNote;
  }

  async remove(id: string): Promise<void> {
    await this.database.repeat((sql) => sql`DELETE FROM upload_notes WHERE id = ${id}`);
  }

  async removeOld(beforeMs: number): Promise<void> {
    await this.database.query((sql) =>
      sql`DELETE FROM upload_notes n WHERE at_ms < ${beforeMs} AND
        (path IS NOT NULL OR NOT EXISTS (SELECT FROM uploads u WHERE replace(u.id::text, '-', '') = n.id))`
    );
  }

  async trim(account: string, keep: number): Promise<void> {
    await this.database.query((sql) =>
      sql`DELETE FROM upload_notes WHERE id IN (SELECT n.id FROM upload_notes n
        JOIN accounts a ON a.id = n.account WHERE a.name = ${account} AND n.path IS NOT NULL
        ORDER BY n.at_ms DESC, n.id OFFSET ${keep})`
    );
  }
}
