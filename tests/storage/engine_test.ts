/** The contract of engines, over the disk and in memory; and what a vault may not count on. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { createHash } from "node:crypto";
import type { Engine } from "../../storage/contract/engine.ts";
import type { PartContent } from "../../storage/contract/parts.ts";
import { DiskEngine } from "../../storage/disk/disk_engine.ts";
import { MemoryDatabase } from "../../storage/memory/database.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { YieldingEngine } from "../support/simulated/yielding_engine.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { openEngine } from "../../storage/open_engine.ts";
import { engineContract } from "./suites/engine_contract.ts";
import { account, bytesOf, newUpload, textOf } from "./suites/engine_samples.ts";

engineContract("memory", () => {
  const database = new MemoryDatabase();
  return Promise.resolve({
    engine: new MemoryEngine({ database }),
    another: () => Promise.resolve(new MemoryEngine({ database })),
    dispose: () => Promise.resolve(),
  });
});

engineContract("disk, imitated in memory", () => {
  const places = { store: new MemoryStore(), catalog: new MemoryCatalog() };
  return Promise.resolve({
    engine: new YieldingEngine(places),
    another: () => Promise.resolve(new YieldingEngine(places)),
    dispose: () => Promise.resolve(),
  });
});

for (const durability of ["full", "relaxed"] as const) {
  engineContract(`disk (${durability})`, async () => {
    const data = await Deno.makeTempDir();
    const opened: Engine[] = [];
    const open = async () => {
      const engine = await openEngine({ data, durability, holder: crypto.randomUUID() });
      opened.push(engine);
      return engine;
    };
    return {
      engine: await open(),
      another: open,
      dispose: async () => {
        for (const engine of opened) await engine.close();
        await Deno.remove(data, { recursive: true });
      },
    };
  });
}

/** A copy of the vault's part with one fault: it takes bytes for written once the call returns. */
class HastyPart {
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(private readonly content: PartContent) {}

  write(bytes: Uint8Array): void {
    this.content.append(bytes);
    this.#hash.update(bytes);
    this.#size += bytes.length;
  }

  publication() {
    const hash = this.#hash.digest("hex");
    return { part: this.content, size: this.#size, hash, occupied: undefined };
  }
}

/** Stores a text by the copy, out of one buffer that is used again. @returns what is in the file */
async function storeHastily(engine: Engine): Promise<string> {
  await engine.addAccount(account("alice"));
  const part = new HastyPart(await engine.parts.begin(newUpload("/f")));
  const buffer = new Uint8Array(4);
  for (const piece of ["one ", "two ", "six "]) {
    buffer.set(bytesOf(piece));
    part.write(buffer);
  }
  await engine.tree.publish(part.publication());
  return await textOf(await engine.tree.open("alice", "/f"));
}

Deno.test("a vault that counts on synchronous calls is right over an engine that has them, and caught in memory", async () => {
  const places = { store: new MemoryStore(), catalog: new MemoryCatalog() };
  assertEquals(await storeHastily(new DiskEngine(places)), "one two six ");
  assertNotEquals(await storeHastily(new MemoryEngine()), "one two six ");
});
