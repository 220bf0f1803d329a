/** Upkeep of objects: collecting, merging and rewriting, against writers, readers and ends at any step. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { randomBytes } from "node:crypto";
import type { ClusterEngine } from "../../../storage/cluster/cluster_engine.ts";
import { collectGarbage, MIN_GRACE_MS } from "../../../storage/cluster/upkeep/collect.ts";
import { settleEnded } from "../../../storage/cluster/upkeep/merge.ts";
import { sweepDoomed } from "../../../storage/cluster/tree/upkeep.ts";
import { noteOrphans, scan } from "../../../storage/cluster/upkeep/scan.ts";
import { stopAt } from "../../support/workers.ts";
import {
  append,
  bytesOf,
  newUpload,
  publish,
  sha256,
  spot,
  store,
  textOf,
} from "../../storage/suites/engine_samples.ts";
import { TestCluster } from "../cluster_engine.ts";
import { withoutPostgres } from "../engines.ts";

function upkeepTest(name: string, fn: (cluster: TestCluster) => Promise<void>): void {
  Deno.test({
    name: `upkeep: ${name}`,
    ignore: withoutPostgres,
    async fn() {
      await using cluster = await TestCluster.open();
      await fn(cluster);
    },
  });
}

/** Collects at once: no grace, and no age of orphans. */
async function collectNow(engine: ClusterEngine): Promise<number> {
  for await (const page of scan(engine, 0)) {
    await noteOrphans(engine.database, page.filter(({ state }) => state === "orphan"));
  }
  return await collectGarbage(engine, 0);
}

/** Bytes with a checkpoint behind each of some pieces. */
async function storeInPieces(engine: ClusterEngine, path: string, texts: string[]): Promise<void> {
  const part = await engine.parts.begin(newUpload(path));
  await part.keep();
  let whole = "";
  for (const text of texts) {
    await append(part, text);
    whole += text;
    await part.checkpoint({ offset: whole.length, hash: sha256(bytesOf(whole)) });
  }
  await publish(engine, part, whole);
}

/** Small files that share one object. */
async function storeTogether(engine: ClusterEngine, names: readonly string[]): Promise<void> {
  const parts = await Promise.all(names.map((name) => engine.parts.begin(newUpload(name))));
  for (const [i, part] of parts.entries()) await append(part, names[i]!.repeat(100));
  await Promise.all(parts.map((part, i) => publish(engine, part, names[i]!.repeat(100))));
}

const texts = ["one ", "two ", "three ", "four"].map((text) => text.repeat(1000));

upkeepTest(
  "orphans of killed writers are found, noted, and deleted after a grace",
  async (cluster) => {
    const { first: engine, store: objects } = cluster;
    await store(engine, "/f", "text");
    await objects.put("content/0123/1-0-dead", [bytesOf("left by a killed writer")]);
    await objects.put("packs/dead", [bytesOf("left")]);
    const seen = await engine.collect({ deletes: false, writingMs: -1 });
    assertEquals([seen.orphans, seen.live], [{ objects: 2, bytes: 27 }, { objects: 1, bytes: 4 }]);
    assertEquals([seen.deleted, seen.noted, objects.keys().length], [0, 0, 3]);
    const young = await engine.collect({ deletes: true });
    assertEquals([young.young.objects, young.noted], [2, 0]);
    const noted = await engine.collect({ deletes: true, writingMs: -1, graceMs: 0 });
    assertEquals([noted.noted, noted.deleted], [2, 0]); // not before the least grace
    const waiting = await engine.collect({ deletes: false });
    assertEquals([waiting.waiting.objects, waiting.orphans.objects], [2, 0]);
    await engine.database.query((sql) =>
      sql`UPDATE garbage SET since = since - ${MIN_GRACE_MS + 1} * interval '1 ms'`
    );
    const last = await engine.collect({ deletes: true, graceMs: 0 });
    assertEquals([last.due.objects, last.deleted, objects.keys().length], [2, 2, 1]);
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), "text");
  },
);

for (const size of [10, 600_000]) {
  upkeepTest(
    `a writer of ${size} bytes whose object was collected before it was named is refused`,
    async (cluster) => {
      const text = "x".repeat(size);
      const step = "publish: content is stored";
      const { hook, reached, goOn } = stopAt(step);
      const writer = await cluster.engine({ step: hook });
      const stored = store(writer, "/f", text);
      await reached;
      const count = await collectNow(cluster.first);
      goOn();
      assertEquals(count, 1);
      await assertRejects(() => stored, Error, "send it again");
      assertEquals(await cluster.first.tree.stat("alice", "/f"), undefined);
      await store(cluster.first, "/f", text);
      assertEquals(await textOf(await cluster.first.tree.open("alice", "/f")), text);
    },
  );
}

upkeepTest("an object that a writer names in time is no garbage any more", async (cluster) => {
  const { hook, reached, goOn } = stopAt("publish: content is stored");
  const writer = await cluster.engine({ step: hook });
  const text = "x".repeat(600_000);
  const stored = store(writer, "/f", text);
  await reached;
  const { first: engine } = cluster;
  const noted = await engine.collect({ deletes: true, writingMs: -1 });
  assertEquals(noted.noted, 1);
  goOn();
  await stored;
  assertEquals(await collectNow(engine), 0);
  assertEquals(await textOf(await engine.tree.open("alice", "/f")), text);
});

upkeepTest(
  "a collector that races writers and open readers takes nothing that is named or just written",
  async (cluster) => {
    const engines = [cluster.first, await cluster.engine(), await cluster.engine()];
    await cluster.first.catalog.updateAccount("alice", { quotaBytes: null });
    const expected = new Map<string, string>();
    let going = true;
    let refused = 0;
    const writing = [0, 1, 2, 3].map(async (number) => {
      const engine = engines[number % 2]!;
      for (let round = 0; round < 12; round++) {
        const path = `/f${number}-${round % 3}`;
        const text = `${number} ${round} `.repeat(round % 2 === 0 ? 5 : 60_000);
        try {
          await store(engine, path, text, { ifExists: "overwrite" });
          expected.set(path, text);
        } catch (error) {
          assert((error as Error).message.includes("send it again"), String(error));
          refused++;
        }
        if (round % 5 === 4 && expected.delete(path)) await engine.tree.remove(spot(path));
      }
    });
    const collecting = (async () => {
      while (going) await collectNow(engines[2]!);
    })();
    await Promise.all(writing).finally(() => going = false);
    await collecting;
    for (const [path, text] of expected) {
      assertEquals(await textOf(await engines[2]!.tree.open("alice", path)), text);
    }
    const { files } = await engines[0]!.tree.names("alice", "/", { limit: 100 });
    assertEquals(files.map((name) => `/${name}`).sort(), [...expected.keys()].sort());
    await collectNow(engines[0]!);
    const { all, live } = await engines[0]!.collect({ deletes: false });
    assertEquals(all, live);
    assert(refused < 40);
  },
);

upkeepTest("a reader that is open keeps its content through the grace", async (cluster) => {
  const { first: engine } = cluster;
  const text = randomBytes(300_000).toString("hex");
  await store(engine, "/f", text);
  const open = await engine.tree.open("alice", "/f");
  const begin = new Uint8Array(10);
  await open.content.read(begin, 0);
  await store(engine, "/f", "other", { ifExists: "overwrite" });
  await storeInPieces(engine, "/g", texts);
  const pieces = await engine.tree.open("alice", "/g");
  await engine.expire(0); // merges
  await engine.collect({ deletes: true });
  assertEquals(await textOf(open), text);
  assertEquals(await textOf(pieces), texts.join(""));
});

const MERGE_STEPS = ["merge: content is stored", "merge: noted"];
const REWRITE_STEPS = ["rewrite: content is stored", "rewrite: noted", "collect: taken"];

upkeepTest(
  "small pieces of a file that is published are merged into one object",
  async (cluster) => {
    const { first: engine } = cluster;
    await storeInPieces(engine, "/f", texts);
    assertEquals((await engine.collect({ deletes: false })).live.objects, 4);
    await engine.expire(0);
    const { live, waiting } = await engine.collect({ deletes: false });
    assertEquals([live.objects, waiting.objects], [1, 4]);
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), texts.join(""));
    await collectNow(engine);
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), texts.join(""));
  },
);

upkeepTest("a pack of which little is in use is rewritten", async (cluster) => {
  const { first: engine } = cluster;
  const names = Array.from({ length: 20 }, (_, i) => `/f${i}`);
  await storeTogether(engine, names);
  for (const name of names.slice(2)) await engine.tree.remove(spot(name));
  const before = await engine.collect({ deletes: true });
  assert(before.rewritten > 0);
  const after = await engine.collect({ deletes: false });
  assertEquals([after.unusedBytes, after.live.bytes], [0, 600]);
  await collectNow(engine);
  for (const name of names.slice(0, 2)) {
    assertEquals(await textOf(await engine.tree.open("alice", name)), name.repeat(100));
  }
});

for (const step of [...MERGE_STEPS, ...REWRITE_STEPS]) {
  upkeepTest(
    `a worker that ends at "${step}" loses nothing and leaves nothing`,
    async (cluster) => {
      const { first: engine, store: objects } = cluster;
      await storeInPieces(engine, "/pieces", texts);
      const names = Array.from({ length: 10 }, (_, i) => `/f${i}`);
      await storeTogether(engine, names);
      await store(engine, "/gone", "gone");
      for (const name of [...names.slice(1), "/gone"]) await engine.tree.remove(spot(name));
      await engine.database.query((sql) =>
        sql`UPDATE garbage SET since = since - interval '8 days'`
      );
      const { hook, reached, goOn } = stopAt(step);
      const dead = await cluster.engine({ step: hook });
      const working = dead.expire(0).catch(() => {});
      await Promise.race([reached, working]);
      // Another worker begins once this one counts as ended.
      await engine.recover({ holders: [dead.holder] });
      await engine.expire(0);
      const sound = async () => {
        assertEquals(await textOf(await engine.tree.open("alice", "/pieces")), texts.join(""));
        assertEquals(await textOf(await engine.tree.open("alice", "/f0")), "/f0".repeat(100));
      };
      await sound();
      goOn(); // it was only frozen
      await working;
      await sound();
      await collectNow(engine);
      await engine.collect({ deletes: true });
      await collectNow(engine);
      await sound();
      const { all, live, unusedBytes } = await engine.collect({ deletes: false });
      assertEquals([all, unusedBytes], [live, 0]);
      assertEquals(objects.keys().length, live.objects);
      assertEquals(live.objects, 2);
    },
  );
}

upkeepTest(
  "what a killed writer left of a resumed upload is found when it ends",
  async (cluster) => {
    const { first: engine, store: objects } = cluster;
    const part = await engine.parts.begin(newUpload("/f"));
    await part.keep();
    await append(part, "safe ");
    await part.checkpoint({ offset: 5, hash: sha256(bytesOf("safe ")) });
    await objects.put(`content/${part.record.id}/1-5-dead`, [bytesOf("never noted")]);
    const taken = await engine.parts.take(part.record.id);
    const { content } = await engine.parts.open(taken!);
    await append(content, "sound");
    await publish(engine, content, "safe sound");
    await engine.expire(0);
    const { orphans, live } = await engine.collect({ deletes: false });
    assertEquals([orphans.objects, live.objects], [0, 1]);
    await collectNow(engine);
    assertEquals(objects.keys().length, 1);
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), "safe sound");
  },
);

upkeepTest("a turn ends, though uploads keep ending meanwhile", async (cluster) => {
  const { first } = cluster;
  let ended = 0;
  const busy = await cluster.engine({
    async step(name) {
      if (name !== "merge: content is stored" || ended === 5) return;
      ended++;
      await storeInPieces(first, `/g${ended}`, texts);
    },
  });
  await storeInPieces(first, "/f", texts);
  await busy.expire(0);
  assertEquals(ended, 1);
  await busy.expire(0);
  assertEquals(ended, 2);
  // Neither does one take more than its share.
  for (const path of ["/h", "/i"]) await storeInPieces(first, path, texts);
  assertEquals(await settleEnded(first, 0, 2), 8);
  assertEquals(await settleEnded(first, 0, 2), 4);
});

upkeepTest("garbage is deleted in shares, too", async (cluster) => {
  const { first: engine } = cluster;
  for (const name of ["/f", "/g", "/h"]) {
    await store(engine, name, name);
    await engine.tree.remove(spot(name));
  }
  assertEquals(await collectGarbage(engine, 0, 2), 2);
  assertEquals(await collectGarbage(engine, 0, 2), 1);
});

upkeepTest("two workers do not do the same work at a time", async (cluster) => {
  const { hook, reached, goOn } = stopAt("merge: content is stored");
  const busy = await cluster.engine({ step: hook });
  await storeInPieces(cluster.first, "/f", texts);
  const working = busy.expire(0);
  await reached;
  await cluster.first.expire(0);
  // Nothing was merged by the second one.
  assertEquals((await cluster.first.collect({ deletes: false })).live.objects, 4);
  goOn();
  await working;
  assertEquals((await cluster.first.collect({ deletes: false })).live.objects, 1);
});

upkeepTest(
  "a large tree that was removed is taken apart in as many steps as a turn has",
  async (cluster) => {
    const { database } = cluster.first;
    const root = await database.query((sql) =>
      sql`INSERT INTO nodes (owner, name, mtime_ms) VALUES (1, 'gone', 0) RETURNING id`
    );
    const { id } = root[0] as { id: number };
    await database.query((sql) =>
      sql`INSERT INTO nodes (owner, parent, name, mtime_ms)
      SELECT 1, ${id}, 'd' || n, 0 FROM generate_series(1, 1200) AS n`
    );
    await database.query((sql) => sql`INSERT INTO doomed VALUES (${id})`);
    const left = async () => {
      const rows = await database.query((sql) =>
        sql`SELECT count(*)::int AS n FROM nodes WHERE name = 'gone' OR name LIKE 'd%'`
      );
      return rows[0]!["n"] as number;
    };
    const before = await left();
    let steps = 0;
    await sweepDoomed(database, () => steps++ < 2);
    const after = await left();
    assert(after > 0 && before - after <= 1000, `${before} rows became ${after} in two steps`);
    await sweepDoomed(database, () => true);
    assertEquals(await left(), 0);
  },
);
