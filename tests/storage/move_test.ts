/** A move between two engines: all that is kept comes along, after an end at any point too. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Engine } from "../../storage/contract/engine.ts";
import { MemoryDatabase } from "../../storage/memory/database.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { moveAll, type MoveProgress } from "../../storage/move/move.ts";
import { openEngine } from "../../storage/open_engine.ts";
import { account, spot, store } from "./suites/engine_samples.ts";
import { begin, fillForMove, ODD_NAMES, portrait } from "./suites/move_samples.ts";

const progress = (): MoveProgress => ({ phase: "copying", account: "", files: 0, bytes: 0 });
const move = (from: Engine, to: Engine) => moveAll({ from, to }, progress());

/** Engines over places that outlive them, of two kinds. */
class Places implements AsyncDisposable {
  readonly data = Deno.makeTempDirSync({ prefix: "towpath-move-" });
  readonly #open: Engine[] = [];

  async disk(name = "disk"): Promise<Engine> {
    const data = `${this.data}/${name}`;
    Deno.mkdirSync(data, { recursive: true });
    return this.#opened(await openEngine({ data, durability: "relaxed", check: false }));
  }

  memory(database = new MemoryDatabase()): Engine {
    return this.#opened(new MemoryEngine({ database }));
  }

  #opened(engine: Engine): Engine {
    this.#open.push(engine);
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#open) await engine.close();
    await Deno.remove(this.data, { recursive: true });
  }
}

/** An engine of which each call fails from a number of calls on, as after the end of the process. */
function endingAfter(engine: Engine, calls: number): { engine: Engine; hasEnded: () => boolean } {
  let left = calls;
  const wrap = (object: object): object =>
    new Proxy(object, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (typeof value === "object" && value !== null) return wrap(value);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (left-- <= 0) throw new Error("ended");
          return value.apply(target, args);
        };
      },
    });
  return { engine: wrap(engine) as Engine, hasEnded: () => left < 0 };
}

Deno.test("a move keeps all of accounts, trees and books, from either kind of engine to the other", async () => {
  await using places = new Places();
  const source = places.memory();
  await fillForMove(source);
  const expected = await portrait(source);
  const disk = await places.disk();
  const there = await move(source, disk);
  assertEquals(await portrait(disk), expected);
  assertEquals(there.differences, []);
  assertEquals(there.source, there.target);
  assertEquals(there.copied.files, there.target.files);
  assertEquals(there.target.files, ODD_NAMES.length + 8);
  const back = places.memory();
  assertEquals((await move(disk, back)).differences, []);
  assertEquals(await portrait(back), expected);
});

for (const [kind, step] of [["memory", 10], ["disk", 15]] as const) {
  Deno.test(`a move to ${kind} that ends after any number of calls is completed by the next one`, async () => {
    await using places = new Places();
    const source = places.memory();
    await fillForMove(source);
    const expected = await portrait(source);
    const database = new MemoryDatabase();
    const open = async () => kind === "disk" ? await places.disk() : places.memory(database);
    let runs = 0;
    for (let ended = true; ended; runs++) {
      const target = endingAfter(await open(), 5 + runs * step);
      await moveAll({ from: source, to: target.engine }, progress())
        .catch((error) => assertEquals((error as Error).message, "ended"));
      ended = target.hasEnded();
    }
    assert(runs > 3);
    const whole = await open();
    assertEquals(await portrait(whole), expected);
    const again = await move(source, whole);
    assertEquals([again.copied, again.differences], [{ files: 0, bytes: 0 }, []]);
  });
}

Deno.test("a move that is repeated follows what the source changed meanwhile", async () => {
  await using places = new Places();
  const source = await places.disk();
  await fillForMove(source);
  const target = places.memory();
  await move(source, target);
  await store(source, "/new", "new");
  await store(source, "/notes.txt", "changed", { ifExists: "overwrite" });
  await source.tree.remove(spot("/report_v2.txt"));
  await source.tree.removeDirectory(spot("/empty"));
  await store(source, "/empty", "a file now");
  await source.tree.removeDirectory(spot("/deep"), { recursive: true });
  await source.removeAccount("bob", { keepFiles: false });
  await source.addAccount({ ...account("bob"), createdMs: 7 });
  await source.addAccount(account("new"));
  await source.removeAccount("carol", { keepFiles: false });
  const { differences } = await move(source, target);
  assertEquals(differences, []);
  assertEquals(await portrait(target), await portrait(source));
});

Deno.test("a move leaves damaged files and damaged uploads out, and names them", async () => {
  await using places = new Places();
  const source = await places.disk();
  await source.addAccount(account("alice"));
  const text = "x".repeat(100_000);
  await store(source, "/sound", text);
  await store(source, "/damaged", text);
  const file = `${places.data}/disk/users/a/alice/files/damaged`;
  const { mtime } = await Deno.stat(file);
  await Deno.writeTextFile(file, text.replace("x", "y"));
  await Deno.utime(file, mtime!, mtime!);
  await Deno.symlink("/etc/passwd", `${places.data}/disk/users/a/alice/files/link`);
  const damaged = await begin(source, "/unfinished", ["safe"]);
  const parts = `${places.data}/disk/users/a/alice/parts`;
  await Deno.writeTextFile(`${parts}/${damaged}.part`, "sofe");
  const sound = await begin(source, "/sound too", ["safe"]);
  const target = places.memory();
  const report = await move(source, target);
  const named = report.leftOut.map(({ kind, filename, isLost }) => [kind, filename, isLost]);
  assertEquals(named.sort(), [
    ["file", "/damaged", true],
    ["file", "/link", false],
    ["upload", damaged, true],
  ]);
  assertEquals([report.lostCount, report.differences], [2, []]);
  assertEquals([report.source.uploads, report.target.uploads], [1, 1]);
  const [moved] = await target.parts.list({ by: "all" }, { count: 9 });
  assertEquals([moved?.id, moved?.offsetBytes], [sound, 4]);
  assertEquals((await target.tree.names("alice", "/", { limit: 9 })).files, ["sound"]);
});

Deno.test("a move ends where the target fails, and says so", async () => {
  await using places = new Places();
  const source = places.memory();
  await fillForMove(source);
  const target = places.memory();
  target.step = () => Promise.reject(new Error("the disk is full"));
  await assertRejects(() => move(source, target), Error, "the disk is full");
});
