/** Engines over the private PostgreSQL of a test file, with content in memory. */
import { ClusterCatalog } from "../../storage/cluster/catalog/cluster_catalog.ts";
import { ClusterEngine } from "../../storage/cluster/cluster_engine.ts";
import { Database, type DatabaseOptions } from "../../storage/cluster/postgres/database.ts";
import type { StepHook } from "../../storage/contract/step.ts";
import { account } from "../storage/suites/engine_samples.ts";
import { EMPTY } from "./empty.ts";
import { startPostgres, withoutPostgres } from "./engines.ts";
import { MemoryContentStore } from "./memory_content_store.ts";

let place: Promise<DatabaseOptions> | undefined;

/** A database and an object store, and the engines that are open over them. */
export class TestCluster {
  readonly store = new MemoryContentStore();
  readonly #engines: ClusterEngine[] = [];

  private constructor(readonly options: DatabaseOptions) {}

  /**
   * The database of this test file, emptied.
   *
   * @param accounts accounts that there are
   */
  static async open(accounts = ["alice", "bob"]): Promise<TestCluster> {
    const cluster = new TestCluster(await (place ??= startPostgres().then((it) => it.fresh())));
    const emptying = new Database({ ...cluster.options, connections: 1 });
    await emptying.query((sql) => sql.unsafe(EMPTY));
    await emptying.close();
    const first = await cluster.engine();
    for (const name of accounts) await first.addAccount(account(name));
    return cluster;
  }

  /** The engine that was opened first. */
  get first(): ClusterEngine {
    return this.#engines[0]!;
  }

  /** Another engine, as another worker or node has it. */
  async engine(
    options: { step?: StepHook; graceMs?: number; bufferBytes?: number } = {},
  ): Promise<ClusterEngine> {
    const database = new Database({ ...this.options, connections: 2 });
    const catalog = new ClusterCatalog(database);
    const engine = await ClusterEngine.open({ database, store: this.store, catalog, ...options });
    this.#engines.push(engine);
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#engines) await engine.close();
  }
}

/** Registers a test with a database and an object store of its own. */
export function clusterTest(name: string, fn: (cluster: TestCluster) => Promise<void>): void {
  Deno.test({
    name: `cluster: ${name}`,
    ignore: withoutPostgres,
    async fn() {
      await using cluster = await TestCluster.open();
      await fn(cluster);
    },
  });
}
