// A rename or removal of a file changes the tables that have something at its path, and no others,
// and what nothing has changed is not read again: each statement keeps every other session waiting.

import { assert, assertEquals } from "@std/assert";
import { StatementSync } from "node:sqlite";
import type { FileRecord } from "../../../storage/disk/interfaces/intents.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { account, file } from "../suites/catalog_samples.ts";

const OWNER = "alice";

Deno.test("a rename of a file takes few statements", async () => {
  await withFile(async (catalog, record) => {
    const move = { owner: OWNER, from: "/a", to: "/b", holder: "h" };
    const paths = ["/a", "/b"];
    const claim = { id: "1", owner: OWNER, paths, holder: "h" };
    const seen = { source: record, target: undefined };
    const begun = await counted(() => catalog.steps.beginMove(claim, move, seen));
    assert(begun.statements > 3);
    assertEquals(begun.result, { shared: false });
    assert(begun.statements <= 8, `${begun.statements} statements`); // BEGIN and COMMIT included
    const ended = await counted(() => catalog.endMove(move, true));
    assert(ended.statements <= 6, `${ended.statements} statements`);
    assertEquals(await catalog.file(OWNER, "/a"), undefined);
    assertEquals(await catalog.file(OWNER, "/b"), record);
  });
});

Deno.test("a removal of a file takes few statements", async () => {
  await withFile(async (catalog, record) => {
    const claim = { id: "1", owner: OWNER, paths: ["/a"], holder: "h" };
    const { result, statements } = await counted(() =>
      catalog.steps.forgetFile(claim, "/a", record)
    );
    assertEquals(result, { shared: false });
    assert(statements <= 8, `${statements} statements`);
    assertEquals(await catalog.file(OWNER, "/a"), undefined);
    assertEquals((await catalog.usage(OWNER)).usedBytes, 0);
  });
});

Deno.test("an account is read again only after another connection has changed something", async () => {
  await withFile(async (catalog, record, path) => {
    const read = async () => {
      const lagOverMs = performance.now() + catalog.lagMs;
      while (performance.now() < lagOverMs);
      return await counted(() => catalog.account(OWNER));
    };
    await read();
    assertEquals((await read()).statements, 1); // the one that finds out whether
    assert(await catalog.noteFile(OWNER, "/b", record));
    assertEquals((await read()).statements, 1);
    const other = SqliteCatalog.open(path, { durability: "relaxed" });
    try {
      assert(await other.setLetters(OWNER, "r"));
      const { result, statements } = await read();
      assertEquals(result?.letters, "r");
      assert(statements > 1);
      assertEquals((await read()).statements, 1);
      assert(await catalog.setLetters(OWNER, "rw"));
      assertEquals((await catalog.account(OWNER))?.letters, "rw");
    } finally {
      await other.close();
    }
  });
});

/** Runs `work` over a catalog with one file. */
async function withFile(
  work: (catalog: SqliteCatalog, record: FileRecord, path: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "towpath-statements-" });
  const path = `${directory}/catalog.db`;
  const catalog = SqliteCatalog.open(path, { durability: "relaxed" });
  try {
    await catalog.addAccount(account(OWNER));
    const record = file(100);
    assert(await catalog.noteFile(OWNER, "/a", record));
    await work(catalog, record, path);
  } finally {
    await catalog.close();
    await Deno.remove(directory, { recursive: true });
  }
}

/** Counts the statements that are run meanwhile. */
async function counted<T>(work: () => Promise<T>): Promise<{ result: T; statements: number }> {
  const { prototype } = StatementSync;
  const { run, get, all } = prototype;
  let statements = 0;
  const counting = <Call extends (...values: never[]) => unknown>(call: Call) =>
    function (this: StatementSync, ...values: never[]) {
      statements++;
      return call.apply(this, values);
    };
  Object.assign(prototype, { run: counting(run), get: counting(get), all: counting(all) });
  try {
    return { result: await work(), statements };
  } finally {
    Object.assign(prototype, { run, get, all });
  }
}
