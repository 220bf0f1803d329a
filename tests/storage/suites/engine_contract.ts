/** Contract of engines: engine_test.ts runs it against each. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Engine } from "../../../storage/contract/engine.ts";
import { booksContract } from "./books/books_contract.ts";
import type { Books } from "./catalog_samples.ts";
import { account, append, type HoldsEngine, newUpload, type OpenEngine } from "./engine_samples.ts";
import { store, textOf } from "./engine_samples.ts";
import { lockContract } from "./locks_contract.ts";
import { partsContract } from "./parts_contract.ts";
import { treeContract } from "./tree_contract.ts";

/**
 * Registers the contract's tests for one engine.
 *
 * @param open opens an engine that holds nothing
 */
export function engineContract(name: string, open: () => Promise<OpenEngine>): void {
  const holds: HoldsEngine = (sentence, test) => {
    Deno.test(`${name}: ${sentence}`, async () => {
      const { engine, another, dispose } = await open();
      try {
        for (const name of ["alice", "bob"]) await engine.addAccount(account(name));
        await test(engine, another);
      } finally {
        await dispose();
      }
    });
  };
  booksContract((sentence, test) => {
    Deno.test(`${name}: ${sentence}`, async () => {
      const { engine, another, dispose } = await open();
      try {
        await test(booksOf(engine), async () => booksOf(await another()));
      } finally {
        await dispose();
      }
    });
  });
  treeContract(holds);
  lockContract(holds);
  partsContract(holds);
  accountContract(holds);
}

/** The catalog of an engine, with what the engine does with accounts and times. */
function booksOf(engine: Engine): Books {
  const { catalog } = engine;
  return new Proxy(catalog as Books, {
    get(target, name) {
      if (name === "addAccount") return engine.addAccount.bind(engine);
      if (name === "redate") return engine.redate.bind(engine);
      if (name === "removeAccount") {
        return (of: string) => engine.removeAccount(of, { keepFiles: false, evenLast: true });
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
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

  holds("the last administrator is removed only where that is asked for", async (engine) => {
    await engine.addAccount({ ...account("root"), letters: "t" });
    const options = { keepFiles: false };
    assertEquals(await engine.removeAccount("root", options), "last-administrator");
    assertEquals((await engine.catalog.account("root"))?.letters, "t");
    assertEquals(await engine.removeAccount("root", { ...options, evenLast: true }), "done");
    assertEquals(await engine.catalog.account("root"), undefined);
  });

  holds("of administrators that remove each other at once, one stays", async (engine) => {
    for (const name of ["one", "two"]) await engine.addAccount({ ...account(name), letters: "t" });
    await Promise.all([
      engine.removeAccount("one", { keepFiles: false }),
      engine.catalog.setLetters("two", "r"),
      engine.removeAccount("two", { keepFiles: false }),
    ]);
    const left = (await engine.catalog.accounts({ count: 9 })).map(({ letters }) => letters);
    assertEquals(left.filter((letters) => letters.includes("t")).length, 1);
  });

  holds(
    "space() reports the free and the total bytes, or nothing where no limit is known",
    async (engine) => {
      const { freeBytes, totalBytes } = await engine.space() ?? { freeBytes: 0, totalBytes: 1 };
      assert(freeBytes >= 0 && totalBytes > 0 && freeBytes <= totalBytes);
    },
  );

  holds(
    "recovery frees the holds of an ended worker, and leaves others alone",
    async (engine, another) => {
      const dead = await another();
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
