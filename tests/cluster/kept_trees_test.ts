/** Files of removed accounts, which no account leads to: operators list, restore and delete them. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { Database } from "../../storage/cluster/postgres/database.ts";
import { ClusterKeptTrees } from "../../storage/cluster/tree/kept_trees.ts";
import type { KeptTree } from "../../storage/contract/engine.ts";
import { StoreError } from "../../storage/contract/error.ts";
import { assertErrorLike } from "../support/errors.ts";
import { is, until } from "../support/native.ts";
import { RawClient } from "../support/raw_client.ts";
import { spot, store, textOf } from "../storage/suites/engine_samples.ts";
import { TestCluster } from "./cluster_engine.ts";
import { withoutPostgres } from "./engines.ts";
import { adminData, login, withNodes } from "./nodes.ts";

Deno.test({
  name: "cluster: the tree of a removed account becomes a directory of another one, or goes",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const engine = await cluster.engine({ graceMs: 0 });
    const bobs = { owner: "bob", account: "bob" };
    await engine.tree.makeDirectory("bob", "/d");
    await store(engine, "/d/f", "text", bobs);
    await store(engine, "/g", "more", bobs);
    await engine.removeAccount("bob", { keepFiles: true });
    const [tree] = await engine.kept.list();
    assertEquals([tree!.name, tree!.files, tree!.bytes], ["bob", 2, 8]);
    await store(engine, "/bob", "taken");
    const restore = () => engine.kept.restore(tree!.id, "alice");
    assertErrorLike(await assertRejects(restore, StoreError), { kind: "exists" });
    await engine.tree.remove(spot("/bob"));
    await restore();
    assertEquals(await textOf(await engine.tree.open("alice", "/bob/d/f")), "text");
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 8);
    assertEquals(await engine.kept.list(), []);
    assertErrorLike(await assertRejects(restore, StoreError), { kind: "not-found" });
    // What is restored belongs to its account as all else does.
    await engine.tree.removeDirectory(spot("/bob"), { recursive: true });
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 0);
    await engine.removeAccount("alice", { keepFiles: true, evenLast: true });
    const [other] = await engine.kept.list();
    await engine.kept.remove(other!.id);
    await engine.expire(0);
    assertEquals([await engine.kept.list(), cluster.store.keys()], [[], []]);
  },
});

Deno.test({
  name: "cluster: an account is changed while a large tree is being restored into it",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const engine = await cluster.engine();
    const { kept, database } = engine;
    const bobs = { owner: "bob", account: "bob" };
    for (const path of ["/f", "/g"]) await store(engine, path, "text", bobs);
    await engine.removeAccount("bob", { keepFiles: true });
    const [{ id }] = await kept.list() as [KeptTree];
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    // The restore waits for a file of the tree: as where it has very many.
    const other = new Database({ ...cluster.options, connections: 1 });
    const holding = other.transaction(async (sql) => {
      await sql`SELECT FROM nodes WHERE name = 'g' FOR UPDATE`;
      reached.resolve();
      // A transaction that does nothing for some seconds is ended.
      while (await Promise.race([go.promise, delay(500).then(() => "wait")]) === "wait") {
        await sql`SELECT 1`;
      }
    }, 60_000);
    await reached.promise;
    const restoring = kept.restore(id, "alice");
    restoring.catch(() => {}); // awaited below
    await until("the restore waits", async () => {
      const rows = await database.query((sql) =>
        sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '%kept_restore%'`
      );
      return rows.length > 0 || undefined;
    });
    await store(engine, "/meanwhile", "stored");
    await store(engine, "/bob", "taken");
    go.resolve();
    await holding;
    await other.close();
    assertErrorLike(await assertRejects(() => restoring, StoreError), { kind: "exists" });
    assertEquals((await kept.list()).map(({ files }) => files), [2]);
    await engine.tree.remove(spot("/bob"));
    await kept.restore(id, "alice");
    assertEquals(await textOf(await engine.tree.open("alice", "/bob/g")), "text");
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 14);
  },
});

Deno.test({
  name: "cluster: a kept tree that does not fit the account stays; a large one has its time",
  ignore: withoutPostgres,
  async fn() {
    await using cluster = await TestCluster.open();
    const engine = await cluster.engine();
    const { kept, catalog } = engine;
    const bobs = { owner: "bob", account: "bob" };
    // With "/bob" above it, its path has 4,097 bytes.
    const names = [...Array(15).fill("n".repeat(254)), "n".repeat(251)];
    for (const depth of names.keys()) {
      await engine.tree.makeDirectory("bob", `/${names.slice(0, depth + 1).join("/")}`);
    }
    const file = `/${names.join("/")}/${"f".repeat(15)}`;
    assertEquals(file.length, 4093);
    await store(engine, file, "text", bobs);
    await engine.removeAccount("bob", { keepFiles: true });
    const [{ id }] = await kept.list() as [KeptTree];
    const refused = await assertRejects(() => kept.restore(id, "alice"), StoreError);
    assertErrorLike(refused, { kind: "bad-name", message: /longer than 4096 bytes/ });
    await engine.database.query((sql) => sql`UPDATE nodes SET name = 'f' WHERE name LIKE 'fff%'`);

    const limit = (bytes: number) =>
      engine.database.query((sql) =>
        sql`UPDATE accounts SET quota_bytes = ${bytes} WHERE name = 'alice'`
      );
    await limit(3);
    const tooLarge = await assertRejects(() => kept.restore(id, "alice"), StoreError);
    assertErrorLike(tooLarge, { kind: "quota", message: /quota of "alice": raise it first/ });
    assertEquals((await catalog.usage("alice")).usedBytes, 0);
    await limit(4);

    // A statement waits for a lock as long as it would work.
    const hasty = new Database({ ...cluster.options, connections: 1, statementMs: 300 });
    const locked = Promise.withResolvers<void>();
    const holding = engine.database.transaction(async (sql) => {
      await sql`SELECT FROM accounts FOR UPDATE`;
      locked.resolve();
      await sql`SELECT pg_sleep(1)`;
    });
    await locked.promise;
    await new ClusterKeptTrees(hasty, () => {}).restore(id, "alice");
    await Promise.all([holding, hasty.close()]);
    assertEquals((await catalog.usage("alice")).usedBytes, 4);
    assertEquals(
      await textOf(await engine.tree.open("alice", `/bob/${names.join("/")}/f`)),
      "text",
    );
  },
});

Deno.test({
  name: "nodes: admin lists the files of removed accounts, restores and deletes them",
  ignore: withoutPostgres,
  fn: () =>
    withNodes(async (node, shared) => {
      const one = await node("one");
      using client = await login(one, shared);
      const password = "correct horse battery";
      is(await client.ask("ADDU", { username: "bob", password }), "OK");
      {
        using bob = await RawClient.login(
          { port: one.port, caText: shared.caText },
          "bob",
          password,
        );
        is(await bob.upload("f", "text"), "OK", 226);
      }
      is(await client.ask("DELU", { username: "bob" }), "OK");
      await using data = await adminData(shared);
      const { text } = await data.admin("kept");
      assertMatch(text, /^ID +Account +Removed +Files +Size\n\d+ +bob +\S+Z +1 file +4 B\n$/);
      const [, id = ""] = /^(\d+)/m.exec(text) ?? [];
      assertEquals((await data.admin("kept", "restore", id, "admin")).code, 0);
      const { content } = await client.download("bob/f");
      assertEquals(new TextDecoder().decode(content), "text");
      assertMatch(
        (await data.admin("kept", "rm", id)).text,
        /No removed account's files have the id/,
      );
      const lines = (await data.read("logs/audit.log")).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      assertEquals(lines.map(({ action, result, door }) => [action, result, door]), [
        ["restore-kept", "ok", "admin"],
        ["delete-kept", "not-found", "admin"],
      ]);
      assertMatch(lines[0].node, /./);
      assertMatch((await data.admin("kept")).text, /^No files of removed accounts are kept$/m);
    }),
});
