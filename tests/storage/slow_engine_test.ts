/** Uploads, renames and removals at once, over a store and a catalog whose every call takes time. */
import { delay } from "@std/async";
import { assert, assertEquals } from "@std/assert";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { Vault } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";
import { slowEngine } from "../support/slow/slow_engine.ts";
import {
  assertSound,
  attempt,
  contents,
  principal,
  put,
  type TestWorker,
} from "../support/workers.ts";

/** Opens workers over one slow engine. */
async function openSlow(count: number): Promise<TestWorker[]> {
  const store = new MemoryStore();
  const catalog = new MemoryCatalog();
  const workers: TestWorker[] = [];
  for (let number = 0; number < count; number++) {
    const vault = await Vault.open({
      store: slowEngine(store),
      catalog: slowEngine(catalog),
      recover: number === 0,
    });
    if (number === 0) await addAccount(vault, "alice");
    workers.push({ vault, view: vault.enter(principal("alice", number)) });
  }
  return workers;
}

function pause(maxMs: number): Promise<void> {
  return delay(Math.random() * maxMs);
}

for (const workers of [1, 2]) {
  Deno.test(`a directory is renamed while an upload into it ends, by ${workers} of a slow engine, 75 times`, async () => {
    const once = async () => {
      const opened = await openSlow(workers);
      const [first, last] = [opened[0]!, opened.at(-1)!];
      await first.view.tree.makeDirectory("/dir");
      const opening = await first.view.transfers.upload({ path: "/dir/f" });
      assert("upload" in opening);
      const { upload } = opening;
      await upload.write(new TextEncoder().encode("hello"));
      const renaming = pause(5).then(() => attempt(last.view.tree.rename("/dir", "/moved")));
      await pause(25);
      const stored = await attempt(upload.finish());
      const moved = await renaming;
      const files: Record<string, string> = {};
      if (stored !== undefined) files[moved === undefined ? "dir/f" : "moved/f"] = "hello";
      await assertSound(last, files);
      // An upload that was refused can still be finished.
      if (stored === undefined) {
        assertEquals((await Array.fromAsync(await last.view.transfers.unfinished())).length, 1);
      }
    };
    await Promise.all(Array.from({ length: 75 }, once));
  });
}

Deno.test("two workers of a slow engine store and rename at random: each acknowledged file is there, once", async () => {
  const workers = await openSlow(2);
  for (const name of ["/a", "/b", "/c"]) await attempt(workers[0]!.view.tree.makeDirectory(name));
  const directories = ["/a", "/b", "/c", "/a/d", "/b/d"];
  const pick = (from: readonly string[]) => from[Math.floor(Math.random() * from.length)]!;
  const acknowledged: string[] = [];
  const session = async ({ view }: TestWorker, number: number) => {
    for (let round = 0; round < 12; round++) {
      const text = `${number}-${round}`;
      const pipelined = Math.random() < 0.5;
      const ifExists = Math.random() < 0.3 ? "keep" : "version";
      const stored = await attempt(put(view, `${pick(directories)}/f`, text, {
        pipelined,
        ifExists,
        makeDirectories: true,
      }));
      if (stored !== undefined) acknowledged.push(text);
      if (round % 3 === number % 3) {
        await attempt(view.tree.rename(pick(directories), pick(directories)));
      }
    }
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map((number) => session(workers[number % 2]!, number)));
  const there = await contents(workers[0]!.view);
  assertEquals(Object.values(there).sort(), acknowledged.sort());
  await assertSound(workers[1]!, there);
});

Deno.test("two workers of a slow engine store, overwrite, rename and remove at random: all is counted", async () => {
  const workers = await openSlow(2);
  const paths = ["/a", "/a/f", "/a/g", "/b", "/b/f", "/b/a", "/b/a/f"];
  const pick = () => paths[Math.floor(Math.random() * paths.length)]!;
  const acknowledged = new Set<string>();
  const session = async ({ view }: TestWorker, number: number) => {
    for (let round = 0; round < 15; round++) {
      const text = `${number}-${round}`;
      const ifExists = Math.random() < 0.6 ? "overwrite" : "version";
      const stored = await attempt(put(view, `${pick()}/x`, text, {
        ifExists,
        makeDirectories: true,
      }));
      if (stored !== undefined) acknowledged.add(text);
      const chance = Math.random();
      if (chance < 0.3) await attempt(view.tree.remove(`${pick()}/x`));
      else if (chance < 0.6) await attempt(view.tree.rename(`${pick()}/x`, `${pick()}/x`));
      else if (chance < 0.8) await attempt(view.tree.rename(pick(), pick()));
      else await attempt(view.tree.removeDirectory(pick(), { recursive: true }));
    }
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map((number) => session(workers[number % 2]!, number)));
  const there = await contents(workers[0]!.view);
  const files = Object.values(there);
  assertEquals(new Set(files).size, files.length);
  assertEquals(files.filter((text) => !acknowledged.has(text)), []);
  await assertSound(workers[1]!, there);
});
