/** Changes of several accounts that share objects, and of one account in a batch. */
import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../storage/contract/error.ts";
import { append, newUpload, publish, store } from "../storage/suites/engine_samples.ts";
import { TestCluster } from "./cluster_engine.ts";
import { withoutPostgres } from "./engines.ts";

/** Objects that both accounts share, and rounds in which both replace all of their files. */
const [OBJECTS, ROUNDS] = [20, 12];

Deno.test({
  name:
    "cluster: accounts that replace files of shared objects never wait for each other in a circle",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const [one, other] = [cluster.first, await cluster.engine()];
    const deadlocks = async () => {
      const [row] = await one.database.query((sql) =>
        sql`SELECT pg_stat_clear_snapshot(), deadlocks::float8 AS deadlocks FROM pg_stat_database
          WHERE datname = current_database()`
      );
      return row!["deadlocks"] as number;
    };
    const before = await deadlocks();
    const names = Array.from({ length: OBJECTS }, (_, index) => `/f${index}`);
    const write = (engine: typeof one, owner: string, path: string, text: string) =>
      store(engine, path, text, { owner, account: owner, ifExists: "overwrite" });
    for (let round = 0; round < ROUNDS; round++) {
      // Two files of one turn share an object.
      for (const path of names) {
        const both = ["alice", "bob"].map((owner) => write(one, owner, path, `${owner} ${round}`));
        await Promise.all(both);
      }
      await Promise.all([
        ...names.map((path) => write(one, "alice", path, "again")),
        ...names.toReversed().map((path) => write(other, "bob", path, "again")),
      ]);
    }
    assertEquals(await deadlocks(), before);
  },
});

Deno.test({
  name: "cluster: what an upload needs to replace a smaller file is reserved within the same batch",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const engine = cluster.first;
    await store(engine, "/f", "x".repeat(60));
    await engine.catalog.updateAccount("alice", { quotaBytes: 100 });
    const waiting = await engine.parts.begin(
      newUpload("/f", { sizeBytes: 60, reservedBytes: 60, ifExists: "overwrite" }),
    );
    assertEquals(await waiting.keep(), true);
    assertEquals(await engine.catalog.usage("alice"), { usedBytes: 60, reservedBytes: 0 });
    const quick = await engine.parts.begin(newUpload("/f", { ifExists: "overwrite" }));
    const greedy = await engine.parts.begin(newUpload("/g"));
    await append(quick, "0123456789");
    await append(greedy, "y".repeat(85));
    const batch = [
      publish(engine, quick, "0123456789"),
      assertRejects(() => publish(engine, greedy, "y".repeat(85)), StoreError),
    ];
    await Promise.all(batch);
    assertEquals(await engine.catalog.usage("alice"), { usedBytes: 10, reservedBytes: 60 });
    await append(waiting, "z".repeat(60));
    await publish(engine, waiting, "z".repeat(60));
    assertEquals(await engine.catalog.usage("alice"), { usedBytes: 60, reservedBytes: 0 });
  },
});
