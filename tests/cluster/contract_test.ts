/** The contract of engines, over PostgreSQL. */
import { engineContract } from "../storage/suites/engine_contract.ts";
import { TestCluster } from "./cluster_engine.ts";
import { withoutPostgres } from "./engines.ts";

if (!withoutPostgres) {
  engineContract("cluster", async () => {
    const cluster = await TestCluster.open([]);
    return {
      engine: cluster.first,
      another: () => cluster.engine(),
      dispose: () => cluster[Symbol.asyncDispose](),
    };
  });
}
