/**
 * Numbered migrations: each is applied once, in order, under a lock that keeps other nodes waiting.
 * They only add, so that nodes of the version before go on while a cluster is updated.
 */
import { StoreError } from "../../contract/error.ts";
import type { Database, TransactionSql } from "./database.ts";

/** One step of the schema. */
export interface Migration {
  /** Above those of all earlier ones, and never used again. */
  readonly number: number;
  readonly name: string;
  /** Statements, which run in one transaction with all others that are applied. */
  readonly sql: string;
}

/** Names the lock: any number that no other program uses in this database. */
const LOCK = 7_068_417_001;

/** How long all steps may take, ms. */
const LIMIT_MS = 600_000;

/**
 * Brings a database to the schema of this program.
 *
 * @returns the number of migrations that were applied
 * @throws {StoreError} `io` where it is another program's, or has a newer schema
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
): Promise<number> {
  const known = migrations.toSorted((a, b) => a.number - b.number);
  return await database.transaction(async (sql) => {
    await sql`SELECT set_config('statement_timeout', ${String(LIMIT_MS)}, true)`;
    await sql`SELECT pg_advisory_xact_lock(${LOCK}::bigint)`;
    const applied = await appliedNumbers(sql);
    const newest = Math.max(0, ...applied);
    const last = known.at(-1)?.number ?? 0;
    if (newest > last) throw tooNew(newest, last);
    const missing = known.filter(({ number }) => !applied.has(number));
    for (const migration of missing) {
      await sql.unsafe(migration.sql);
      await sql`INSERT INTO schema_migrations (number, name)
        VALUES (${migration.number}, ${migration.name})`;
    }
    return missing.length;
  }, LIMIT_MS);
}

async function appliedNumbers(sql: TransactionSql): Promise<Set<number>> {
  const [found] = await sql`SELECT to_regclass('schema_migrations') IS NOT NULL AS is_ours,
    EXISTS (SELECT FROM pg_class
      WHERE relkind IN ('r', 'v', 'S') AND relnamespace = current_schema()::regnamespace) AS used`;
  if (!found!["is_ours"]) {
    if (found!["used"]) {
      const message = "The database has tables of another program: name one that is empty";
      throw new StoreError("io", message);
    }
    await sql`CREATE TABLE schema_migrations (number int PRIMARY KEY, name text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now())`;
  }
  const rows = await sql`SELECT number FROM schema_migrations`;
  return new Set(rows.map(({ number }) => number as number));
}

function tooNew(newest: number, known: number): StoreError {
  return new StoreError(
    "io",
    `The database has the schema ${newest}, and this program knows schemas up to ${known}: ` +
      "start the newer program, or restore a backup of before the update",
  );
}
