import { ClusterCatalog } from "../../../storage/cluster/catalog/cluster_catalog.ts";
import type { Database } from "../../../storage/cluster/postgres/database.ts";
import type { AddedAccount } from "../../../storage/contract/catalog.ts";
import type { VirtualPath } from "../../../storage/contract/path.ts";
import type { Books } from "../../storage/suites/catalog_samples.ts";

/** The catalog of a cluster without its engine: accounts have no files. */
export class PreparedCatalog extends ClusterCatalog implements Books {
  constructor(private readonly pool: Database) {
    super(pool);
  }

  async addAccount(account: AddedAccount): Promise<boolean> {
    const [row] = await this.pool.query((sql) =>
      sql`SELECT account_add(${sql.json({ ...account })}) AS added`
    );
    this.changed();
    return row!["added"];
  }

  async removeAccount(name: string): Promise<void> {
    await this.pool.query((sql) => sql`SELECT account_retire(${name}, 'test', true)`);
    await this.pool.query((sql) => sql`SELECT account_remove(${name}, false)`);
    this.changed();
  }

  /** The tree's part of the rename of a directory. */
  async move(owner: string, from: VirtualPath, to: VirtualPath): Promise<void> {
    await this.pool.query((sql) =>
      sql`SELECT grants_move(id, ${from}, ${to}) FROM accounts WHERE name = ${owner}`
    );
  }
}
