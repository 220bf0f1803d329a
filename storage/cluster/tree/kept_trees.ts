import type { KeptTree, KeptTrees } from "../../contract/engine.ts";
import { StoreError } from "../../contract/error.ts";
import type { Database } from "../postgres/database.ts";

/** Trees of removed accounts: the database has them, and no account leads to them. */
export class ClusterKeptTrees implements KeptTrees {
  /** @param removed called once a tree was given up: it is taken apart then */
  constructor(private readonly database: Database, private readonly removed: () => void) {}

  async list(): Promise<KeptTree[]> {
    const rows = await this.database.repeat((sql) =>
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
    const [row] = await this.database.query((sql) =>
      sql`SELECT kept_restore(${numberOf(id)}, ${account}) AS answer`
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
      default:
        throw missing(id);
    }
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
