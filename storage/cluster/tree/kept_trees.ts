import type { KeptTree, KeptTrees } from "../../contract/engine.ts";
import { StoreError } from "../../contract/error.ts";
import { MAX_PATH_BYTES } from "../../contract/path.ts";
import type { Database, TransactionSql } from "../postgres/database.ts";

/** How long a statement may take that goes through all of a tree, ms: millions of rows are a minute. */
const LONG_MS = 15 * 60_000;
/** How much longer its answer is waited for, ms. */
const SLACK_MS = 5_000;

/** Trees of removed accounts: the database has them, and no account leads to them. */
export class ClusterKeptTrees implements KeptTrees {
  /** @param removed called once a tree was given up: it is taken apart then */
  constructor(private readonly database: Database, private readonly removed: () => void) {}

  async list(): Promise<KeptTree[]> {
    const rows = await this.#long((sql) =>
      sql`SELECT id::text, name, removed_ms AS "removedMs", files, bytes FROM kept_list()`
    );
    return rows.map((row) => ({ ...row }) as KeptTree);
  }

  async remove(id: string): Promise<void> {
    const rows = await this.database.query((sql) =>
      sql`SELECT kept_remove(${numberOf(id)}) AS done`
    );
    if (rows[0]?.["done"] !== true) throw missing(id);
    this.removed();
  }

  async restore(id: string, account: string): Promise<void> {
    const [row] = await this.#long((sql) =>
      sql`SELECT kept_restore(${numberOf(id)}, ${account}, ${MAX_PATH_BYTES}) AS answer`
    );
    switch (row!["answer"]) {
      case "":
        return;
      case "no-account":
        throw new StoreError("not-found", `There is no account "${account}"`);
      case "exists":
        throw new StoreError(
          "exists",
          `"${account}" has a file or directory of the same name already: rename it first`,
        );
      case "quota":
        throw new StoreError(
          "quota",
          `The files do not fit the quota of "${account}": raise it first`,
        );
      case "too-long":
        throw new StoreError(
          "bad-name",
          `Below the directory in "${account}", paths of the files would be longer than ` +
            `${MAX_PATH_BYTES} bytes`,
        );
      default:
        throw missing(id);
    }
  }

  /** Runs a statement that goes through whole trees, which may be large. */
  #long<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T> {
    return this.database.transaction(async (sql) => {
      await sql`SELECT set_config('statement_timeout', ${String(LONG_MS)}, true)`;
      return await work(sql);
    }, LONG_MS + SLACK_MS);
  }
}

function numberOf(id: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(id)) throw missing(id);
  return Number(id);
}

function missing(id: string): StoreError {
  return new StoreError(
    "not-found",
    `No removed account's files have the id ${JSON.stringify(id)}`,
  );
}
