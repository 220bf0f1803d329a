/**
 * Random histories over three nodes, some of which are killed, checked against a model: what was
 * acknowledged is there and whole, the bytes are counted exactly, no object that a file needs is
 * collected, and no other one stays.
 *
 * `TOWPATH_TEST_SEED=N` repeats the choices of a run, `TOWPATH_TEST_ROUNDS=N` makes it longer.
 */
import { assert, assertEquals } from "@std/assert";
import { isStoreError } from "../../../storage/contract/error.ts";
import type { ClusterEngine } from "../../../storage/cluster/cluster_engine.ts";
import { Vault } from "../../../storage/vault.ts";
import type { View } from "../../../storage/view.ts";
import { ALL } from "../../support/pages.ts";
import { sha256 } from "../../support/raw_client.ts";
import { principal } from "../../support/workers.ts";
import { TestCluster } from "../cluster_engine.ts";
import { withoutPostgres } from "../engines.ts";

const SEED = Number(Deno.env.get("TOWPATH_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(Deno.env.get("TOWPATH_TEST_ROUNDS") ?? 40);
const SESSIONS = 6;
/** Nodes that are killed at least. */
const KILLS = 5;
/** Objects without a name are kept so long, ms: longer than a read takes. */
const GRACE_MS = 3000;
const KIB = 1024;
const QUOTA = 12 * 1024 * KIB;

/** Numbers from 0 up to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The answer of a node that was killed: none. */
class Killed extends Error {}

/** A node: an engine and a vault, which can be killed at any moment. */
class Node {
  readonly killed = Promise.withResolvers<never>();
  isKilled = false;

  private constructor(readonly engine: ClusterEngine, readonly vault: Vault) {
    this.killed.promise.catch(() => {});
  }

  static async open(cluster: TestCluster): Promise<Node> {
    const engine = await cluster.engine({ graceMs: GRACE_MS });
    return new Node(engine, await Vault.open({ engine, recover: false }));
  }

  /** What is on its way to the database arrives; nothing follows, and no caller gets an answer. */
  kill(): void {
    const never = () => new Promise<never>(() => {});
    const { engine } = this;
    Object.assign(engine.database, { query: never, repeat: never, transaction: never });
    engine.close = () => engine.database.close(); // nothing of it ends
    this.isKilled = true;
    this.killed.reject(new Killed());
  }

  /** Does work, as long as this node runs. */
  ask<T>(account: string, session: number, work: (view: View) => Promise<T>): Promise<T> {
    return Promise.race([this.killed.promise, work(this.vault.enter(principal(account, session)))]);
  }
}

/** SHA-256 of what a path may have; null: nothing. */
type States = (string | null)[];

Deno.test({
  name:
    "cluster: random histories of three nodes, some killed: all acknowledged is there, all is counted",
  ignore: withoutPostgres,
  async fn() {
    console.log(`seed ${SEED}`);
    const random = randomOf(SEED);
    const below = (end: number) => Math.floor(random() * end);
    await using cluster = await TestCluster.open();
    await cluster.first.catalog.updateAccount("alice", { quotaBytes: QUOTA });
    const nodes = await Promise.all([0, 1, 2].map(() => Node.open(cluster)));
    const model = new Map<string, States>();
    const sizes = new Map<string, number>();
    const counts: Record<string, number> = {};
    let running = SESSIONS;
    let kills = 0;

    const content = () => {
      const size = [below(200), below(40 * KIB), 200 * KIB + below(900 * KIB)][below(3)]!;
      const bytes = new Uint8Array(size);
      for (let at = 0; at < size; at += 64) bytes[at] = below(256);
      sizes.set(sha256(bytes), size);
      return bytes;
    };

    /** Sends an upload to one node and, where it is cut, its rest to another one. */
    async function put(session: number, path: string, bytes: Uint8Array): Promise<void> {
      const request = { path, ifExists: "overwrite", sizeBytes: bytes.length } as const;
      const cut = below(3) === 0 && bytes.length > 0;
      const pipelined = !cut && below(2) === 0;
      const half = Math.floor(bytes.length / 2);
      const node = nodes[below(3)]!;
      const id = await node.ask("alice", session, async (view) => {
        const opening = await view.transfers.upload({ ...request, pipelined });
        assert("upload" in opening);
        const { upload } = opening;
        await upload.write(bytes.slice(0, cut ? half : bytes.length));
        if (cut) return await upload.suspend().then(() => upload.id);
        await upload.finish({ hash: sha256(bytes) });
      });
      if (id === undefined) return;
      await nodes[below(3)]!.ask("alice", session, async (view) => {
        const { upload } = await view.transfers.resume({ id });
        await upload.write(bytes.slice(upload.offset));
        await upload.finish({ hash: sha256(bytes) });
      });
    }

    async function act(session: number): Promise<void> {
      const own = (index: number) => `/s${session}-${index}`;
      const [path, other] = [own(below(4)), own(4 + below(3))];
      const at = (place: string) => model.get(place) ?? [null];
      if (at(path).length > 1 || at(other).length > 1) {
        // Uncertain until the end. Where all paths of a session are, others need a turn all the same.
        return void await new Promise((resolve) => setTimeout(resolve));
      }
      const [before, there] = [at(path)[0]!, at(other)[0]!];
      const choice = random();
      let kind: string;
      let after: [string, string | null][];
      let work: () => Promise<unknown>;
      if (choice < 0.6 || before === null) {
        const bytes = content();
        [kind, after, work] = ["put", [[path, sha256(bytes)]], () => put(session, path, bytes)];
      } else if (choice < 0.75) {
        [kind, after] = ["remove", [[path, null]]];
        work = () => nodes[below(3)]!.ask("alice", session, (view) => view.tree.remove(path));
      } else if (choice < 0.9) {
        [kind, after] = ["rename", [[path, null], [other, before]]];
        work = () =>
          nodes[below(3)]!.ask(
            "alice",
            session,
            (view) => view.tree.rename(path, other, { overwrite: there !== null }),
          );
      } else {
        [kind, after] = ["read", []];
        work = () =>
          nodes[below(3)]!.ask(
            "alice",
            session,
            async (view) => assertEquals(await read(view, path), before, path),
          );
      }
      try {
        await work();
        for (const [place, state] of after) model.set(place, [state]);
      } catch (error) {
        if (error instanceof Killed) {
          kind = "lost";
          for (const [place, state] of after) model.set(place, [...at(place), state]);
        } else if (isStoreError(error, "quota")) kind = "quota";
        else throw new Error(`seed ${SEED}: ${kind} ${path}`, { cause: error });
      }
      counts[kind] = (counts[kind] ?? 0) + 1;
    }

    async function session(number: number): Promise<void> {
      for (let round = 0; round < ROUNDS || kills < KILLS; round++) await act(number);
      running--;
    }

    /** Keeps house all the time: of garbage, small pieces, and leftovers of killed nodes. */
    async function collector(): Promise<void> {
      while (running > 0) await nodes[0]!.engine.expire(0);
    }

    /** Kills nodes, and lets others take their place. */
    async function chaos(): Promise<void> {
      while (running > 0) {
        await new Promise((resolve) => setTimeout(resolve, 100 + below(300)));
        const index = 1 + below(2);
        const next = await Node.open(cluster);
        const dead = nodes[index]!;
        nodes[index] = next;
        dead.kill();
        kills++;
        await nodes[0]!.engine.recover({ holders: [dead.engine.holder] });
      }
    }

    await Promise.all([
      ...Array.from({ length: SESSIONS }, (_, i) => session(i)),
      chaos(),
      collector(),
    ]);
    console.log(counts);

    // All that was on its way has arrived; unfinished uploads go, and what they hold.
    const { engine, vault } = nodes[0]!;
    const view = vault.enter(principal("alice", 99));
    for (const { id } of await engine.parts.list({ by: "all" }, ALL)) {
      await view.transfers.discard(id);
    }
    let used = 0;
    for (const [path, states] of model) {
      const found = await read(view, path);
      assert(states.includes(found), `seed ${SEED}: ${path} has ${found}, not ${states}`);
      used += found === null ? 0 : sizes.get(found)!;
    }
    const names = (await view.tree.list("/")).entries.map(({ name }) => `/${name}`);
    assertEquals(names.filter((name) => !model.has(name)), []);
    assertEquals(await engine.catalog.usage("alice"), { usedBytes: used, reservedBytes: 0 });
    // The bytes were counted as they changed: a sum over the files is the same.
    const [sum] = await engine.database.query((sql) =>
      sql`SELECT coalesce(sum(size), 0)::int AS bytes FROM nodes`
    );
    assertEquals(sum!["bytes"], used);

    // Once their grace is over, no other objects are there than files need.
    await engine.expire(0); // what is merged now becomes garbage, too
    await engine.collect({ deletes: true, writingMs: 0 });
    await engine.database.query((sql) => sql`UPDATE garbage SET since = since - interval '1 day'`);
    await engine.expire(0);
    const named = await engine.database.query((sql) => sql`SELECT DISTINCT object FROM segments`);
    assertEquals(cluster.store.keys(), named.map(({ object }) => object as string).sort());
  },
});

/** Reads a file whole. @returns its SHA-256; null where there is none */
async function read(view: View, path: string): Promise<string | null> {
  try {
    const download = await view.transfers.download(path);
    const bytes = new Uint8Array(download.record.size);
    try {
      await download.read(bytes, 0);
      await download.finish();
    } finally {
      download.close();
    }
    return sha256(bytes);
  } catch (error) {
    if (isStoreError(error, "not-found")) return null;
    throw error;
  }
}
