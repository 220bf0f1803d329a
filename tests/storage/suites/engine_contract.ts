/** Contract of engines: engine_test.ts runs it against each. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Engine } from "../../../storage/contract/engine.ts";
import { account, append, type HoldsEngine, newUpload, type OpenEngine } from "./engine_samples.ts";
import { store, textOf } from "./engine_samples.ts";
import { partsContract } from "./parts_contract.ts";
import { treeContract } from "./tree_contract.ts";

/** Registers the contract's tests for one engine. */
export function engineContract(name: string, open: () => Promise<OpenEngine>): void {
  const holds: HoldsEngine = (sentence, test) => {
    Deno.test(`${name}: ${sentence}`, async () => {
      const { engine, another, dispose } = await open();
      try {
        await test(engine, another);
      } finally {
        await dispose();
      }
    });
  };
  treeContract(holds);
  partsContract(holds);
  accountContract(holds);
}

function accountContract(holds: HoldsEngine): void {
  holds("an account begins empty, whatever an earlier one of its name had", async (engine) => {
    assertEquals(await engine.addAccount(account("alice")), false);
    await store(engine, "/f", "text");
    let ended = false;
    const retired = async () => {
      assertEquals((await engine.catalog.account("alice"))?.letters, "");
      ended = true;
    };
    assertEquals(await engine.removeAccount("alice", { keepFiles: false, retired }), "done");
    assert(ended);
    assertEquals(await engine.removeAccount("alice", { keepFiles: false }), "unknown");
    assert(await engine.addAccount(account("alice")));
    assertEquals((await engine.tree.names("alice", "/", { limit: 1 })).files, []);
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 0);
    assert((await engine.catalog.account("alice"))!.generation > 1);
  });

  holds(
    "recovery frees what a worker held that has ended, and leaves others alone",
    async (engine, another) => {
      const dead = another();
      const begin = async (of: Engine, path: string) => {
        const part = await of.parts.begin(newUpload(path));
        await part.keep();
        await append(part, "text");
        return part.record;
      };
      const [mine, its] = [await begin(engine, "/mine"), await begin(dead, "/its")];
      await engine.recover({ holders: [dead.holder] });
      assertEquals((await engine.parts.get(its.id))?.holder, null);
      assertStrictEquals((await engine.parts.get(mine.id))?.holder, engine.holder);
    },
  );

  holds("uploads expire that were not touched since a time, and nothing else", async (engine) => {
    await store(engine, "/f", "text");
    const part = await engine.parts.begin(newUpload("/g"));
    const { record } = part;
    await part.keep();
    await part.release(0);
    assertEquals(await engine.expire(1), []);
    assertEquals(await engine.expire(Number.MAX_SAFE_INTEGER), [record.id]);
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), "text");
    assertEquals(await Array.fromAsync(engine.lostFiles("alice", 0)), []);
  });
}
