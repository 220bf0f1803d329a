import { Database, type DatabaseOptions } from "../../../storage/cluster/postgres/database.ts";
import { startPostgres } from "../engines.ts";
import { PreparedCatalog } from "./prepared_catalog.ts";

/** Most books go with their accounts. */
const EMPTY = ["uploads", "nodes", "accounts", "former_accounts", "failures", "marks", "bans"]
  .map((table) => `DELETE FROM ${table};`).join("");

let options: Promise<DatabaseOptions> | undefined;

/** Opens catalogs over the database of this test file, which is empty at first. */
export async function withCatalogs(
  test: (open: () => Promise<PreparedCatalog>, database: Database) => Promise<void>,
): Promise<void> {
  const place = await (options ??= startPostgres().then((postgres) => postgres.fresh()));
  const databases: Database[] = [];
  const open = () => {
    const database = new Database(place);
    databases.push(database);
    return database;
  };
  try {
    const first = open();
    await first.query((sql) => sql.unsafe(EMPTY));
    await test(() => Promise.resolve(new PreparedCatalog(open())), first);
  } finally {
    for (const database of databases) await database.close();
  }
}
