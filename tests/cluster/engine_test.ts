/** The engine of several nodes: ended workers, lost answers, damage, garbage, and vaults over it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { randomBytes } from "node:crypto";
import { clock } from "../../storage/contract/clock.ts";
import { StoreError } from "../../storage/contract/error.ts";
import { Vault } from "../../storage/vault.ts";
import { assertErrorLike } from "../support/errors.ts";
import { changeAtRandom, contents, principal, stopAt } from "../support/workers.ts";
import {
  append,
  assertReplaced,
  bytesOf,
  newUpload,
  prefix,
  publish,
  replaceInTwo,
  resume,
  sha256,
  spot,
  STEPS,
  store,
  textOf,
} from "../storage/suites/engine_samples.ts";
import { clusterTest, type TestCluster } from "./cluster_engine.ts";

/** Objects that no segment names, beside those that are noted as garbage. */
async function orphans({ first, store }: TestCluster): Promise<string[]> {
  const rows = await first.database.query((sql) =>
    sql`SELECT object FROM segments UNION SELECT object FROM garbage`
  );
  const known = new Set(rows.map(({ object }) => object as string));
  return store.keys().filter((key) => !known.has(key));
}

for (const step of STEPS) {
  clusterTest(
    `a worker that ends at "${step}" leaves the file whole, or the upload at its last checkpoint`,
    async (cluster) => {
      const again = cluster.first;
      await store(again, "/f", "old");
      const { hook, reached, goOn } = stopAt(step);
      const dead = await cluster.engine({ step: hook });
      const { id, acknowledged } = await replaceInTwo(dead);
      await reached;
      await again.recover({ holders: [dead.holder] });
      const live = step === "publish: live";
      await assertReplaced(again, live);
      const taken = await again.parts.take(id);
      // A worker that was only frozen goes on, and changes nothing any more.
      goOn();
      assertEquals(await acknowledged, live);
      if (live) return assertEquals(taken, undefined);
      await resume(again, taken!, step === "checkpoint: content is stored" ? "" : "safe ");
    },
  );
}

clusterTest("a look and a download cost one query of the tree each", async ({ first }) => {
  const view = (await Vault.open({ engine: first, recover: false })).enter(principal("alice", 1));
  await store(first, "/f", "text", { mode: 0o640 });
  await store(first, "/g", "text");
  const queries: string[] = [];
  const { database } = first;
  const repeat = database.repeat.bind(database);
  database.repeat = (work) =>
    repeat((sql, again) => {
      const noted = new Proxy(sql, {
        apply(target, self, args: [TemplateStringsArray]) {
          if (args[0].some((text) => text.includes("tree_"))) queries.push(args[0].join("?"));
          return Reflect.apply(target, self, args);
        },
      });
      return work(noted, again);
    });
  for (const [path, mode] of [["/f", 0o640], ["/g", undefined]] as const) {
    assertEquals((await view.tree.describe(path)).mode, mode);
    const download = await view.transfers.download(path);
    assertEquals(download.mode, mode);
    download.close();
  }
  assertEquals(queries.length, 4, queries.join("\n"));
});

clusterTest("a publication whose answer was lost is repeated, once", async (cluster) => {
  const engine = await cluster.engine();
  const { database } = engine;
  const repeat = database.repeat.bind(database);
  // Each call is carried out twice, as if the first answer had not come.
  database.repeat = (work) =>
    repeat(async (sql) => (await work(sql, false), await work(sql, true)));
  const part = await engine.parts.begin(newUpload("/f"));
  await part.keep();
  await append(part, "one");
  await part.checkpoint(prefix("one"));
  assertEquals((await publish(engine, part, "one")).path, "/f");
  const small = await store(engine, "/f", "three");
  assertEquals([small.path, small.size], ["/f_v2", 5]);
  database.repeat = repeat;
  assertEquals((await engine.tree.names("alice", "/", { limit: 9 })).files, ["f", "f_v2"]);
  assertEquals(await engine.catalog.usage("alice"), { usedBytes: 8, reservedBytes: 0 });
  // The table of answers is lost where the database crashes: the file answers then.
  await database.query((sql) => sql`TRUNCATE published`);
  const lost = await engine.parts.begin(newUpload("/g"));
  await append(lost, "four");
  database.repeat = (work) =>
    repeat(async (sql) => {
      await work(sql, false);
      await sql`TRUNCATE published`;
      return await work(sql, true);
    });
  assertEquals((await publish(engine, lost, "four")).path, "/g");
  database.repeat = repeat;
});

clusterTest("small content that cannot be stored stays with its upload", async (cluster) => {
  const engine = cluster.first;
  const { store } = cluster;
  const put = store.put.bind(store);
  const part = await engine.parts.begin(newUpload("/f"));
  await part.keep();
  await append(part, "text");
  store.put = () => Promise.reject(new StoreError("unreachable", "none answers"));
  assertErrorLike(await assertRejects(() => publish(engine, part, "text")), {
    kind: "unreachable",
  });
  store.put = put;
  await part.checkpoint(prefix("text"));
  await part.release(4);
  const opened = await engine.parts.open((await engine.parts.take(part.record.id))!);
  assertEquals([opened.offset, (await opened.hash).digest()], [4, prefix("text").hash]);
  await publish(engine, opened.content, "text");
  assertEquals(await textOf(await engine.tree.open("alice", "/f")), "text");
  assertEquals(engine.budget.used, 0);
});

clusterTest("objects go once nothing names them and their grace is over", async (cluster) => {
  const engine = await cluster.engine({ graceMs: 0 });
  await store(engine, "/f", "one");
  await engine.tree.makeDirectory("alice", "/d");
  await Promise.all(["/d/g", "/d/h", "/i"].map((path) => store(engine, path, path)));
  const before = cluster.store.keys();
  assertEquals(before.length, 2, "what ends at once shares an object");
  await store(engine, "/f", "three", { ifExists: "overwrite" });
  const part = await engine.parts.begin(newUpload("/j"));
  await part.keep();
  await append(part, "safe");
  await part.checkpoint(prefix("safe"));
  await append(part, "lost");
  await part.release(4);
  await engine.tree.removeDirectory(spot("/d"), { recursive: true });
  await cluster.first.expire(0);
  // The grace of this engine is not over, and what is left of the pack is in another one.
  assertEquals(cluster.store.keys().length, 5);
  await engine.expire(0);
  const left = cluster.store.keys();
  assertEquals(left.length, 3, "/i, /f and the unfinished upload");
  assertEquals(await textOf(await engine.tree.open("alice", "/i")), "/i");
  await engine.tree.remove(spot("/i"));
  await engine.tree.remove(spot("/f"));
  assertEquals(await engine.expire(Number.MAX_SAFE_INTEGER), [part.record.id]);
  assertEquals(cluster.store.keys(), []);
  const [rows] = await engine.database.query((sql) =>
    sql`SELECT (SELECT count(*) FROM nodes) AS nodes, (SELECT count(*) FROM segments) AS segments,
      (SELECT count(*) FROM doomed) AS doomed, (SELECT count(*) FROM garbage) AS garbage`
  );
  assertEquals({ ...rows }, { nodes: 2, segments: 0, doomed: 0, garbage: 0 });
});

clusterTest(
  "an account that is removed leaves nothing, or its tree where it is kept",
  async (cluster) => {
    const engine = await cluster.engine({ graceMs: 0 });
    await engine.tree.makeDirectory("alice", "/d");
    await store(engine, "/d/f", "text");
    const guest = await engine.parts.begin(newUpload("/g", { owner: "bob", reservedBytes: 9 }));
    await guest.keep();
    assertEquals((await engine.catalog.usage("bob")).reservedBytes, 9);
    await engine.removeAccount("alice", { keepFiles: false, evenLast: true });
    assertEquals((await engine.catalog.usage("bob")).reservedBytes, 0);
    await engine.expire(0);
    assertEquals(cluster.store.keys(), []);
    await store(engine, "/f", "text", { owner: "bob", account: "bob" });
    await engine.removeAccount("bob", { keepFiles: true, evenLast: true });
    await engine.expire(0);
    assertEquals(cluster.store.keys().length, 1);
    const [kept] = await engine.database.query((sql) => sql`SELECT name FROM kept_trees`);
    assertEquals(kept!["name"], "bob");
  },
);

clusterTest(
  "damage in a prefix is found while the upload goes on, and cut off",
  async (cluster) => {
    const engine = cluster.first;
    const part = await engine.parts.begin(newUpload("/f"));
    const { id } = part.record;
    await part.keep();
    for (const text of ["one", "onetwo", "onetwothree"]) {
      await append(part, text.slice((await engine.parts.get(id))!.offsetBytes));
      await part.checkpoint(prefix(text));
    }
    await part.release(11);
    const { object } =
      (await engine.database.query((sql) => sql`SELECT object FROM segments WHERE start = 3`))[0]!;
    cluster.store.damage(object as string, 1);
    const opened = await engine.parts.open((await engine.parts.take(id))!);
    assertEquals(opened.offset, 11);
    assertErrorLike(await assertRejects(() => opened.hash), { kind: "io" });
    const again = await engine.parts.open((await engine.parts.take(id))!);
    assertEquals([again.offset, (await again.hash).digest()], [3, prefix("one").hash]);
    await append(again.content, "!");
    await publish(engine, again.content, "one!");
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), "one!");
  },
);

clusterTest(
  "damaged and missing content is an error of its reader, and lost files are listed",
  async (cluster) => {
    const engine = cluster.first;
    await store(engine, "/f", "some text");
    await store(engine, "/g", "other");
    const [of_f] = cluster.store.keys().filter((key) => key.startsWith("packs/"));
    const damaged = await engine.tree.know("alice", "/f");
    const objects = await engine.database.query((sql) =>
      sql`SELECT n.name, s.object FROM nodes n JOIN segments s ON s.content = n.content`
    );
    const objectOf = (name: string) => objects.find((row) => row["name"] === name)!["object"];
    assert(of_f !== undefined);
    cluster.store.damage(objectOf("f"), 2);
    const file = await engine.tree.open("alice", "/f");
    assertErrorLike(await assertRejects(() => textOf(file)), { kind: "checksum" });
    file.content.close();
    assertEquals(damaged.record.damaged, false);
    await cluster.store.delete([objectOf("g")]);
    const missing = await engine.tree.open("alice", "/g");
    assertErrorLike(await assertRejects(() => textOf(missing)), { kind: "io" });
    missing.content.close();
    const lost = await Array.fromAsync(engine.lostFiles("alice"));
    assertEquals(lost.map(({ path }) => path), ["/g"]);
    assertEquals((await engine.forgetLost("alice", "/g"))?.size, 5);
    assertEquals(await engine.forgetLost("alice", "/f"), undefined);
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 9);
  },
);

clusterTest(
  "buffers of all uploads share a budget; one that is silent keeps none waiting",
  async (cluster) => {
    const engine = await cluster.engine({ bufferBytes: 150_000 });
    const names = Array.from({ length: 8 }, (_, index) => `/f${index}`);
    const content = new Map(names.map((name) => [name, new Uint8Array(randomBytes(100_000))]));
    const parts = await Promise.all(names.map((path) => engine.parts.begin(newUpload(path))));
    let most = 0;
    const half = async (number: number, from: number) => {
      for (let at = from; at < from + 50_000; at += 5_000) {
        await parts[number]!.append(content.get(names[number]!)!.subarray(at, at + 5_000));
        most = Math.max(most, engine.budget.used);
      }
    };
    await Promise.all(parts.map((_, number) => half(number, 0)));
    await Promise.all(parts.map((_, number) => half(number, 50_000)));
    assert(most <= 150_000, `${most} bytes`);
    for (const [number, name] of names.entries()) {
      const bytes = content.get(name)!;
      await engine.tree.publish({
        part: parts[number]!,
        size: bytes.length,
        hash: sha256(bytes),
        occupied: undefined,
      });
      const { content: read } = await engine.tree.open("alice", name);
      const into = new Uint8Array(bytes.length);
      assertEquals(await read.read(into, 0), bytes.length);
      assertEquals(into, bytes);
      const range = new Uint8Array(35_000);
      await read.read(range, 45_001);
      assertEquals(range, bytes.subarray(45_001, 80_001));
      read.close();
    }
    assertEquals(engine.budget.used, 0);
    assertEquals(await orphans(cluster), []);
  },
);

clusterTest(
  "a directory is renamed as one row, and late uploads replace nothing in it",
  async (cluster) => {
    const engine = cluster.first;
    await engine.tree.makeDirectory("alice", "/d");
    await store(engine, "/d/f", "text");
    const part = await engine.parts.begin(newUpload("/e/f", { ifExists: "overwrite" }));
    await append(part, "late");
    await engine.tree.rename(spot("/d"), spot("/e"), { replace: false });
    const hash = sha256(bytesOf("late"));
    await engine.tree.publish({ part, size: 4, hash, occupied: true, arrival: 1 });
    assertEquals(await textOf(await engine.tree.open("alice", "/e/f")), "text");
  },
);

clusterTest(
  "names and paths as long as they may be, of any characters, are kept",
  async (cluster) => {
    const engine = cluster.first;
    const names = [
      "%",
      "_",
      "\\",
      "a'b",
      'a"b',
      "$1",
      "ä".repeat(127),
      "x".repeat(255),
      "\u{10ffff}",
    ];
    let path = "";
    for (const name of names) {
      await engine.tree.makeDirectory("alice", path === "" ? `/${name}` : `${path}/${name}`);
      path += `/${name}`;
    }
    for (let depth = 0; depth < 6; depth++) {
      path += `/${"é".repeat(127)}`;
      await engine.tree.makeDirectory("alice", path);
    }
    await store(engine, `${path}/f`, "text");
    await engine.tree.rename(spot(`/${names[0]}`), spot("/moved"), { replace: false });
    const moved = `/moved${path.slice(2)}/f`;
    assertEquals(await textOf(await engine.tree.open("alice", moved)), "text");
    const page = await engine.tree.names("alice", "/", { limit: 9, prefix: "mo" });
    assertEquals(page.directories, ["moved"]);
  },
);

clusterTest(
  "vaults of three nodes store, overwrite, rename and remove at random: all is counted",
  async (cluster) => {
    const engines = [
      cluster.first,
      await cluster.engine({ graceMs: 0 }),
      await cluster.engine(),
    ];
    const vaults = await Promise.all(
      engines.map((engine) => Vault.open({ engine, recover: false })),
    );
    const acknowledged = new Set<string>();
    const session = async (number: number) => {
      const view = vaults[number % 3]!.enter(principal("alice", number));
      await changeAtRandom(view, String(number), 12, acknowledged, async (round) => {
        if (round % 4 === 3) await engines[1]!.expire(clock.now() - 3600_000);
      });
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(session));
    const view = vaults[1]!.enter(principal("alice", 9));
    const files = Object.values(await contents(view));
    assertEquals(new Set(files).size, files.length);
    assert(acknowledged.size > 0 && files.every((text) => acknowledged.has(text)));
    const bytes = files.reduce((sum, text) => sum + text.length, 0);
    const [counted] = await cluster.first.database.query((sql) =>
      sql`SELECT used_bytes::int AS used, reserved_bytes::int AS reserved,
      (SELECT coalesce(sum(reserved_bytes), 0)::int FROM uploads) AS held FROM accounts
      WHERE name = 'alice'`
    );
    assertEquals({ ...counted }, {
      used: bytes,
      reserved: counted!["held"],
      held: counted!["held"],
    });
    assertEquals(await orphans(cluster), []);
    const [left] = await cluster.first.database.query((sql) =>
      sql`SELECT count(*) AS n FROM holds`
    );
    assertEquals(left!["n"], 0);
  },
);

clusterTest("one worker keeps house, and another one once it has ended", async (cluster) => {
  const [one, other] = [await cluster.engine(), await cluster.engine()];
  assertEquals([await one.keepsHouse(), await other.keepsHouse()], [true, false]);
  assertEquals([await other.keepsHouse(), await one.keepsHouse()], [false, true]);
  // As after kill -9: the lease is over by the database's clock.
  await other.database.query((sql) =>
    sql`UPDATE holders SET lease_until = now() WHERE holder = ${one.holder}`
  );
  assertEquals(await other.keepsHouse(), true);
});
