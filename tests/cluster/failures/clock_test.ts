/** The clock that nodes share: a wrong one loses no upload that was acknowledged. */
import { assert, assertEquals } from "@std/assert";
import { ClusterCatalog } from "../../../storage/cluster/catalog/cluster_catalog.ts";
import { ClusterEngine } from "../../../storage/cluster/cluster_engine.ts";
import { ClusterClock } from "../../../storage/cluster/postgres/cluster_clock.ts";
import { Database } from "../../../storage/cluster/postgres/database.ts";
import {
  append,
  bytesOf,
  newUpload,
  sha256,
  store,
  textOf,
} from "../../storage/suites/engine_samples.ts";
import { TestCluster } from "../cluster_engine.ts";
import { withoutPostgres } from "../engines.ts";

/** Asserts that two times differ by less than 0.1 s, µs. */
function assertNear(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) < 100_000, `${actual} is not near ${expected}`);
}

const HOUR = 3600_000_000;

Deno.test("the clock follows the database's at once where the readings contradict each other", () => {
  const clock = new ClusterClock();
  const nowMs = performance.now();
  const start = 1_000 * HOUR;
  /** The clock without the time that the test takes. */
  const shown = () => clock.now() - Math.floor((performance.now() - nowMs) * 1000);
  clock.adjust(start, nowMs, nowMs + 0.2);
  const early = clock.now();
  assertNear(shown(), start);
  // Less exact, and no contradiction.
  clock.adjust(start + 5_010_000, nowMs + 5000, nowMs + 5030);
  assertNear(shown(), start);
  assertEquals(clock.corrected(early), early);
  clock.adjust(start + HOUR, nowMs + 10_000, nowMs + 10_030);
  assertNear(shown(), start + HOUR - 10_000_000);
  assertNear(clock.corrected(early) - early, HOUR - 10_000_000);
});

/** Publishes over `/f`, whose content has a number. @returns what it has then */
async function overwritten(node: ClusterEngine, arrivals: { there: number; own: number }) {
  await store(node, "/f", "old", { ifExists: "overwrite" });
  await node.database.query((sql) => sql`UPDATE nodes SET arrival = ${arrivals.there}`);
  const part = await node.parts.begin(newUpload("/f", { ifExists: "overwrite" }));
  await append(part, "newer");
  const hash = sha256(bytesOf("newer"));
  const { own } = arrivals;
  await node.tree.publish({ part, size: 5, hash, occupied: true, arrival: own });
  return await textOf(await node.tree.open("alice", "/f"));
}

Deno.test({
  name: "an upload by a clock that is behind the other nodes' is no late one",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const database = new Database({ ...cluster.options, connections: 2 });
    const { query } = database;
    database.query = async (...call) => {
      const answer = await query.apply(database, call) as Record<string, number>[];
      if (answer[0]?.micros !== undefined) answer[0].micros -= HOUR;
      return answer as never;
    };
    const catalog = new ClusterCatalog(database);
    const node = await ClusterEngine.open({ database, store: cluster.store, catalog });
    database.query = query; // the clock is set, or this machine stood still until now
    const there = (Date.now() - 1000) * 1000;
    const halfSecond = 500_000;
    assertEquals(await overwritten(node, { there, own: there - HOUR + halfSecond }), "newer");
    assertEquals(await overwritten(node, { there, own: there - halfSecond }), "old", "a late one");
    await node.close();
  },
});

Deno.test({
  name: "an upload is no late one where a server whose clock is behind takes the database's place",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const nowMicros = Date.now() * 1000;
    const arrivals = { there: nowMicros + HOUR, own: nowMicros };
    assertEquals(await overwritten(cluster.first, arrivals), "newer");
  },
});
