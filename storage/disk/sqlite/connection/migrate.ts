import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../../contract/error.ts";
import { report } from "../../../common/reports.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";

/**
 * Brings a database to the schema of today, as one transaction.
 *
 * @throws {StoreError} `io` where it is another program's, or of a later version
 */
export function migrate(database: DatabaseSync): void {
  const from = check(database);
  if (from === MIGRATIONS.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Checked again: another process may have been first.
    for (const step of MIGRATIONS.slice(check(database))) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec("COMMIT");
    const to = MIGRATIONS.length;
    report("info", "database", "The schema was brought up to date", { event: "schema", from, to });
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** The version of a database that may be ours; 0 for one that is still empty. */
function check(database: DatabaseSync): number {
  const version = pragma(database, "user_version");
  const application = pragma(database, "application_id");
  const empty = database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
  if (application !== APPLICATION_ID && !(empty && application === 0 && version === 0)) {
    throw new StoreError("io", "The catalog's file is a database of another program");
  }
  if (version > MIGRATIONS.length || version < 0) {
    throw new StoreError(
      "io",
      `The catalog has version ${version}, and this program knows versions up to ` +
        `${MIGRATIONS.length}: start the newer program, or restore a backup of before the update`,
    );
  }
  return version;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]);
}
