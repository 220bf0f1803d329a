/** The bus between nodes: members in processes of their own. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { fromFileUrl } from "@std/path";
import { until } from "../../support/certificate.ts";
import { ClusterCatalog } from "../../../storage/cluster/catalog/cluster_catalog.ts";
import { PostgresBus } from "../../../storage/cluster/bus/postgres_bus.ts";
import { Database, type DatabaseOptions } from "../../../storage/cluster/postgres/database.ts";
import { sharedState } from "../../../storage/cluster/shared_state.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { PreparedCatalog } from "../catalog/prepared_catalog.ts";
import { account } from "../../storage/suites/catalog_samples.ts";
import { startPostgres, withoutPostgres } from "../engines.ts";

const MEMBER = fromFileUrl(new URL("./member.ts", import.meta.url));

/** Starts a member in a process, which has joined then. */
async function startMember(node: string, options: DatabaseOptions): Promise<Deno.ChildProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", MEMBER, node],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(options)));
  await writer.close();
  const reader = process.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return process;
}

async function end(process: Deno.ChildProcess): Promise<void> {
  process.kill("SIGKILL");
  await process.stdout.cancel();
  await process.status;
}

Deno.test({
  name: "questions reach the workers of all nodes, in processes of their own",
  ignore: withoutPostgres,
  fn: async (test) => {
    const options = await (await startPostgres()).fresh();
    const database = new Database(options);
    const timeoutMs = 20_000;
    const bus = new PostgresBus(database, {
      node: "n1",
      timeoutMs,
      server: { version: "1.2", instance: "n1" },
    });
    await bus.join();
    const [second, third] = [await startMember("n2", options), await startMember("n3", options)];
    try {
      await test.step("each answers once; answers above 7,999 bytes arrive whole", async () => {
        const [ended, taken] = await Promise.all([
          bus.ask("end", { which: { account: "alice" }, reason: "r" }),
          bus.ask("takeOver", { uploadId: "n3", reason: "r" }),
        ]);
        assertEquals([ended, taken.toSorted()], [[2, 2], [false, true]]);
        const lists = await bus.ask("who", null);
        assertEquals(lists.map((list) => list.length), [200, 200]);
        const nodes = lists.map(([first]) => first!.sessionId).sort();
        assertEquals(nodes, ["n2 0", "n3 0"]);
      });

      await test.step("a question above 7,999 bytes arrives, too", async () => {
        const which = { account: "alice", except: "x".repeat(20_000) };
        assertEquals(await bus.ask("end", { which, reason: "ü".repeat(5000) }), [2, 2]);
      });

      await test.step("members are listed with their nodes and figures", async () => {
        const members = await bus.members();
        assertEquals(members.map(({ node }) => node), ["n1", "n2", "n3"]);
        assertEquals(members[0]!.figures.version, "1.2");
        assert(members.every(({ silentMs }) => silentMs < 10_000));
      });

      await test.step("a node without a sign of life is listed as silent", async () => {
        const gone = new PostgresBus(database, {
          node: "n0",
          server: { version: "1.1", instance: "n0" },
        });
        await gone.join();
        await database.query((sql) =>
          sql`UPDATE members SET beat = now() - interval '42 s' WHERE member = ${gone.member}`
        );
        const { nodes } = await sharedState(database);
        // Members without a version are commands of `admin`.
        const alive = nodes.map(({ name, isAlive }) => [name, isAlive]);
        assertEquals(alive, [["n0", false], ["n1", true]]);
        assert(nodes[0]!.silentMs >= 42_000);
        const again = new PostgresBus(database, {
          node: "n0",
          server: { version: "1.2", instance: "again" },
        });
        await again.join();
        const [first] = (await sharedState(database)).nodes;
        assertEquals([first!.isAlive, first!.workers, first!.version], [true, 1, "1.2"]);
        await Promise.all([gone.leave(), again.leave()]);
      });

      await test.step("a running node of the same name is noticed, a killed one is not", async () => {
        await database.query((sql) =>
          sql`INSERT INTO members VALUES ('killed', 'n4', now() - interval '9 s',
            now() - interval '1 s', '{"version": "1.2", "instance": "killed"}')`
        );
        let namesakes = 0;
        const server = { version: "1.2", instance: "n4", onNamesake: () => namesakes++ };
        const started = new PostgresBus(database, { node: "n4", beatMs: 20, server });
        await started.join();
        const beats = async () => {
          const [row] = await database.query((sql) =>
            sql`SELECT beat > since + interval '50 ms' AS several FROM members
              WHERE member = ${started.member}`
          );
          return row!["several"];
        };
        await until(beats, "it gave some signs of life");
        assertEquals(namesakes, 0);
        await database.query((sql) =>
          sql`UPDATE members SET beat = now() + interval '1 s' WHERE member = 'killed'`
        );
        await until(() => namesakes > 0, "it is noticed");
        await started.leave();
        await database.query((sql) => sql`DELETE FROM members WHERE member = 'killed'`);
        assertEquals(namesakes, 1);
      });

      await test.step("a member that fails to answer, or is frozen, is left out", async () => {
        const hasty = new PostgresBus(database, { node: "n1", timeoutMs: 500 });
        await hasty.join();
        assertEquals(await hasty.ask("counts", null), []);
        third.kill("SIGSTOP");
        const answers = await hasty.ask("end", { which: { account: "alice" }, reason: "r" });
        assertEquals(answers, [2]);
        third.kill("SIGCONT");
        await hasty.leave();
      });

      await test.step("a lost connection is replaced: questions arrive again", async () => {
        await database.query((sql) =>
          sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE query ILIKE 'listen%' AND pid <> pg_backend_pid()`
        );
        const hasty = new PostgresBus(database, { node: "n1", timeoutMs: 500 });
        await hasty.join();
        await until(async () => {
          const answers = await hasty.ask("end", { which: { account: "alice" }, reason: "r" });
          return answers.filter((count) => count === 2).length === 2;
        }, "both answer again");
        await hasty.leave();
      });
    } finally {
      await end(second);
      await end(third);
      await bus.leave();
      await database.close();
    }
  },
});

Deno.test({
  name: "a member hears again after its connection went silent without an error",
  ignore: withoutPostgres,
  fn: async () => {
    const options = await (await startPostgres()).fresh();
    const [one, other] = [new Database(options), new Database(options)];
    const asking = new PostgresBus(other, { node: "n2", timeoutMs: 500 });
    const bus = new PostgresBus(one, { node: "n1", beatMs: 50 });
    bus.listen({ end: () => 7 } as never);
    await bus.join();
    await asking.join();
    // As if no packet came: the server sends to this connection no longer.
    const listening = await other.query((sql) =>
      sql`SELECT pid FROM pg_stat_activity WHERE query = ${`listen "towpath_bus_${bus.member}"`}`
    );
    const pid = listening[0]!["pid"] as number;
    Deno.kill(pid, "SIGSTOP");
    try {
      await until(async () => {
        const answers = await asking.ask("end", { which: { account: "a" }, reason: "r" });
        return answers[0] === 7;
      }, "an answer");
    } finally {
      Deno.kill(pid, "SIGCONT");
    }
    await bus.leave();
    await asking.leave();
    await one.close();
    await assertRejects(() => bus.ask("who", null), StoreError);
    await other.close();
  },
});

Deno.test({
  name: "the bus and the catalog go on after PostgreSQL was killed and started again",
  ignore: withoutPostgres,
  fn: async () => {
    const postgres = await startPostgres();
    const options = await postgres.fresh();
    const [one, other] = [new Database(options), new Database(options)];
    const asking = new PostgresBus(one, { node: "n1", timeoutMs: 500, beatMs: 100 });
    const bus = new PostgresBus(other, { node: "n2", beatMs: 100 });
    bus.listen({ end: () => 7 } as never);
    const catalog = new ClusterCatalog(other);
    let changes = 0;
    catalog.watch(() => changes++);
    await Promise.all([asking.join(), bus.join(), catalog.listen()]);
    await postgres.kill();
    const why = await assertRejects(
      () => asking.ask("end", { which: { account: "a" }, reason: "r" }),
      StoreError,
    );
    assertEquals(why.kind, "unreachable");
    await postgres.start();
    await until(async () => {
      const asked = asking.ask("end", { which: { account: "a" }, reason: "r" });
      return (await asked.catch(() => []))[0] === 7;
    }, "an answer");
    await until(async () => {
      const before = changes;
      await one.query((sql) => sql`NOTIFY towpath_accounts`);
      await delay(50);
      return changes > before;
    }, "a notification of the catalog");
    await Promise.all([bus.leave(), asking.leave()]);
    await Promise.all([one.close(), other.close()]);
  },
});

Deno.test({
  name: "a question about a changed account finds the change, whatever was cached before",
  ignore: withoutPostgres,
  fn: async () => {
    const options = await (await startPostgres()).fresh();
    const [one, other] = [new Database(options), new Database(options)];
    const [changing, seeing] = [new PreparedCatalog(one), new PreparedCatalog(other)];
    const asking = new PostgresBus(one, { node: "n1", timeoutMs: 20_000 });
    const bus = new PostgresBus(other, { node: "n2" });
    const generationOf = async () => (await seeing.account("alice"))!.generation;
    bus.listen({ end: generationOf } as never);
    await Promise.all([seeing.listen(), asking.join(), bus.join()]);
    await changing.addAccount(account("alice"));
    for (let generation = 2; generation < 12; generation++) {
      await generationOf(); // it is cached now
      await changing.setPassword("alice", "new");
      const asked = { which: { account: "alice" }, reason: "r" };
      assertEquals(await asking.ask("end", asked), [generation]);
    }
    await Promise.all([bus.leave(), asking.leave()]);
    await Promise.all([one.close(), other.close()]);
  },
});
