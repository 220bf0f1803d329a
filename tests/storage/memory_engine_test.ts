/** The engine in memory: what a power cut takes, whose objects are garbage, and a vault over it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { MemoryDatabase } from "../../storage/memory/database.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { Vault } from "../../storage/vault.ts";
import { changeAtRandom, contents, principal } from "../support/workers.ts";
import {
  account,
  append,
  assertReplaced,
  newUpload,
  prefix,
  replaceInTwo,
  resume,
  spot,
  STEPS,
  store,
  textOf,
} from "./suites/engine_samples.ts";

async function open(): Promise<{ database: MemoryDatabase; engine: MemoryEngine }> {
  const database = new MemoryDatabase();
  const engine = new MemoryEngine({ database });
  for (const name of ["alice", "bob"]) await engine.addAccount(account(name));
  return { database, engine };
}

for (const step of STEPS) {
  Deno.test(`a power cut at "${step}" leaves the file whole, or the upload at its last checkpoint`, async () => {
    const { database, engine } = await open();
    await store(engine, "/f", "old");
    engine.step = (now) => {
      if (now === step) database.crash();
      return Promise.resolve();
    };
    const { id, acknowledged } = await replaceInTwo(engine);
    const live = step === "publish: live";
    assertEquals(await acknowledged, live);
    const again = new MemoryEngine({ database });
    await again.recover();
    await assertReplaced(again, live);
    const taken = await again.parts.take(id);
    if (live || step === "checkpoint: content is stored") return assertEquals(taken, undefined);
    await resume(again, taken!, "safe ");
  });
}

Deno.test("a power cut takes changes that were not durable, and ends open uploads", async () => {
  const { database, engine } = await open();
  await engine.tree.makeDirectory("alice", "/d");
  await engine.catalog.noteLogin("alice", 5);
  database.crash();
  assertErrorLike(await assertRejects(() => engine.tree.stat("alice", "/d")), { kind: "io" });
  const again = new MemoryEngine({ database });
  assertEquals((await again.tree.stat("alice", "/d"))?.type, "directory");
  assertEquals((await again.catalog.account("alice"))?.lastLoginMs, null);
});

Deno.test("objects go once no row names them and no reader has them open, and no others", async () => {
  const { database, engine } = await open();
  await store(engine, "/f", "one");
  await store(engine, "/g", "two");
  const reader = await engine.tree.open("alice", "/f");
  await store(engine, "/f", "three", { ifExists: "overwrite" });
  const part = await engine.parts.begin(newUpload("/h"));
  await part.keep();
  await append(part, "safe");
  await part.checkpoint(prefix("safe"));
  await part.release(4);
  await engine.tree.rename(spot("/g"), spot("/i"), { replace: false });
  await engine.expire(0);
  assertEquals(database.objects.names().length, 4);
  const { tables } = database;
  tables.uploads.update((upload) => ({ ...upload, updatedMs: Number.MAX_SAFE_INTEGER }));
  await engine.expire(Number.MAX_SAFE_INTEGER);
  assertEquals(await textOf(reader), "one");
  await engine.expire(Number.MAX_SAFE_INTEGER);
  assertEquals(database.objects.names().length, 3);
  assertEquals(await textOf(await engine.tree.open("alice", "/f")), "three");
  assertEquals(await textOf(await engine.tree.open("alice", "/i")), "two");
  assertEquals((await engine.parts.open((await engine.parts.take(part.record.id))!)).offset, 4);
});

Deno.test("two vaults over one database store, overwrite, rename and remove at random: all is counted", async () => {
  const { database, engine } = await open();
  const engines = [engine, new MemoryEngine({ database })];
  const vaults = await Promise.all(
    engines.map((engine) => Vault.open({ engine, recover: false })),
  );
  const acknowledged = new Set<string>();
  const session = async (number: number) => {
    const view = vaults[number % 2]!.enter(principal("alice", number));
    await changeAtRandom(view, String(number), 15, acknowledged);
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(session));
  const view = vaults[1]!.enter(principal("alice", 9));
  const files = Object.values(await contents(view));
  assertEquals(new Set(files).size, files.length);
  assert(acknowledged.size > 0 && files.every((text) => acknowledged.has(text)));
  const { usedBytes } = await engine.catalog.usage("alice");
  assertEquals(usedBytes, files.reduce((sum, text) => sum + text.length, 0));
  assertEquals(database.tables.holds.values(), []);
});
