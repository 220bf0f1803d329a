/** Contract of locks, which engines check when they change names. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { LockRecord } from "../../../storage/contract/books/lock_book.ts";
import type { Engine } from "../../../storage/contract/engine.ts";
import type { Spot } from "../../../storage/contract/tree.ts";
import { assertErrorLike } from "../../support/errors.ts";
import { ALL, assertPaged } from "../../support/pages.ts";
import { append, type HoldsEngine, newUpload, publish, store } from "./engine_samples.ts";

const HOUR_MS = 3600_000;

/** A lock of bob's in the tree of alice. */
function lock(path: string, change: Partial<LockRecord> = {}): LockRecord {
  const createdMs = Date.now();
  const times = { createdMs, expiresMs: createdMs + HOUR_MS };
  return { owner: "alice", path, account: "bob", note: "", ...times, ...change };
}

async function take(engine: Engine, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    assertEquals(await engine.catalog.locks.take(lock(path), 100), { state: "taken" });
  }
}

const paths = (locks: readonly LockRecord[]) => locks.map(({ path }) => path);

/** A path of alice's, and the account that changes it. */
const by = (account: string, path: string): Spot => ({
  owner: "alice",
  path,
  shown: path,
  account,
});

async function refused(change: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(change);
  assertErrorLike(error, { kind: "locked", message: /locked by bob until 20/ });
}

export function lockContract(holds: HoldsEngine): void {
  holds("locks are found at, above and around a path, until they are void", async (engine) => {
    const { locks } = engine.catalog;
    const nowMs = Date.now();
    await take(engine, "/a", "/a/b/c", "/a/b/c2", "/a/b/c/d", "/ab");
    const own = lock("/z", { account: "alice", note: "mine ä" });
    assertEquals(await locks.take(own, 100), { state: "taken" });
    assertEquals(paths(await locks.above("alice", "/a/b/c/x", nowMs)), ["/a", "/a/b/c"]);
    assertEquals(paths(await locks.around("alice", "/a/b", nowMs)), ["/a", "/a/b/c", "/a/b/c2"]);
    assertEquals(paths(await locks.around("alice", "/", nowMs)).sort(), ["/a", "/ab", "/z"]);
    assertEquals(await locks.above("alice", "/a/b/c/x", nowMs + 2 * HOUR_MS), []);
    assertEquals(await locks.list({ account: "alice", nowMs }, ALL), [own]);
    const all = await locks.list({ nowMs }, ALL);
    assertEquals(paths(all), ["/a", "/a/b/c", "/a/b/c/d", "/a/b/c2", "/ab", "/z"]);
    await assertPaged((page) => locks.list({ owner: "alice", nowMs }, page), all);
    assertEquals(await locks.remove("alice", "/z", "bob"), undefined);
    assertEquals(await locks.remove("alice", "/z", "alice"), own);
    await locks.removeExpired(nowMs + 2 * HOUR_MS);
    assertEquals(await locks.list({ nowMs }, ALL), []);
  });

  holds("a lock keeps others from locks at, above and below it, up to a number", async (engine) => {
    const { locks } = engine.catalog;
    await take(engine, "/d/e");
    for (const path of ["/d", "/d/e", "/d/e/f"]) {
      const answer = await locks.take(lock(path, { account: "alice" }), 100);
      assert(answer.state === "locked" && answer.lock.path === "/d/e", path);
    }
    assertEquals(await locks.take(lock("/d"), 1), { state: "too-many" });
    const longer = lock("/d/e", { note: "again", expiresMs: Date.now() + 2 * HOUR_MS });
    assertEquals(await locks.take(longer, 1), { state: "taken" });
    assertEquals(await locks.above("alice", "/d/e", Date.now()), [longer]);
    assertEquals(await locks.take(lock("/x", { account: "missing" }), 9), { state: "unknown" });
    const over = lock("/d/e", { expiresMs: Date.now() - 1, createdMs: Date.now() - 10 });
    assertEquals(await locks.take(over, 1), { state: "taken" });
    assertEquals(await locks.take(lock("/d", { account: "alice" }), 1), { state: "taken" });
  });

  holds("others change nothing that is locked; the holder does", async (engine) => {
    const { tree } = engine;
    for (const name of ["d", "d/sub", "free"]) await tree.makeDirectory("alice", `/${name}`);
    await store(engine, "/d/f", "one");
    await store(engine, "/g", "two");
    const begun = await engine.parts.begin(newUpload("/d/f", { ifExists: "overwrite" }));
    await begun.keep();
    await append(begun, "three");
    await take(engine, "/d");
    for (const ifExists of ["version", "overwrite", "keep", "fail"] as const) {
      await refused(() => store(engine, "/d/new", "x", { ifExists }));
    }
    await refused(() => publish(engine, begun, "three"));
    await refused(() => tree.makeDirectory("alice", "/d/new", undefined, "alice"));
    await refused(() => tree.remove(by("alice", "/d/f")));
    await refused(() => tree.removeDirectory(by("alice", "/d/sub")));
    await refused(() => tree.removeDirectory(by("alice", "/d"), { recursive: true }));
    await refused(() => tree.rename(by("alice", "/d"), by("alice", "/e"), { replace: false }));
    await refused(() => tree.rename(by("alice", "/g"), by("alice", "/d/f"), { replace: true }));
    await refused(() => tree.retime(by("alice", "/d/f"), 5000));
    await refused(() => tree.setMode(by("alice", "/d/f"), 0o600));
    assertEquals((await tree.look("alice", "/d/f"))?.record?.size, 3);
    // It holds a path, and changes nothing.
    await tree.hold(by("alice", "/d/f"), () => Promise.resolve());
    await store(engine, "/free/x", "y");
    await tree.remove(by("alice", "/free/x"));

    await store(engine, "/d/f", "by the holder", { account: "bob", ifExists: "overwrite" });
    await tree.setMode(by("bob", "/d/f"), 0o600);
    await tree.retime(by("bob", "/d/f"), 5000);
    await tree.rename(by("bob", "/d/sub"), by("bob", "/d/sub2"), { replace: false });
    await tree.remove(by("bob", "/d/f"));
    assertEquals((await publish(engine, begun, "three").catch(() => undefined))?.path, undefined);
    await engine.catalog.locks.remove("alice", "/d");
    assertEquals((await publish(engine, begun, "three")).path, "/d/f");
  });

  holds(
    "a lock of a file keeps others from its versions and from what is above",
    async (engine) => {
      const { tree } = engine;
      await tree.makeDirectory("alice", "/d");
      await store(engine, "/d/f.txt", "one");
      await take(engine, "/d/f.txt", "/d/not-there");
      await refused(() => store(engine, "/d/f.txt", "two"));
      await refused(() => store(engine, "/d/not-there", "two"));
      const gone = await assertRejects(() =>
        tree.removeDirectory(by("alice", "/d"), { recursive: true })
      );
      assertErrorLike(gone, {
        kind: "locked",
        message: /^"\/d" has "f.txt" in it, which is locked/,
      });
      await refused(() => tree.rename(by("alice", "/d"), by("alice", "/e"), { replace: false }));
      await store(engine, "/d/other.txt", "x");
      await store(engine, "/d/f.txt", "two", { account: "bob" });
      await tree.remove(by("alice", "/d/f_v2.txt"));
    },
  );

  holds("locks follow the holder's renames, stay with a name, and end with it", async (engine) => {
    const { tree, catalog: { locks } } = engine;
    const now = async () => paths(await locks.list({ nowMs: Date.now() }, ALL));
    await tree.makeDirectory("alice", "/d");
    for (const name of ["/d/f", "/g", "/tmp"]) await store(engine, name, "x");
    await take(engine, "/d/f", "/g");
    await tree.rename(by("bob", "/d"), by("bob", "/e"), { replace: false });
    assertEquals(await now(), ["/e/f", "/g"]);
    // An editor writes a new file and gives it the old one's name.
    await tree.rename(by("bob", "/tmp"), by("bob", "/g"), { replace: true });
    assertEquals(await now(), ["/e/f", "/g"]);
    await tree.rename(by("bob", "/e/f"), by("bob", "/g"), { replace: true });
    assertEquals(await now(), ["/g"]);
    await tree.remove(by("bob", "/g"));
    assertEquals(await now(), []);
    await take(engine, "/e/x");
    await tree.removeDirectory(by("bob", "/e"), { recursive: true });
    assertEquals(await now(), []);
  });

  holds("locks end with the accounts of their owner and holder", async (engine) => {
    const { locks } = engine.catalog;
    await take(engine, "/f");
    await locks.take(lock("/f", { owner: "bob", account: "alice" }), 100);
    await engine.removeAccount("bob", { keepFiles: false });
    assertEquals(await locks.list({ nowMs: Date.now() }, ALL), []);
  });

  holds("of a lock and a change at once, one waits for the other", async (engine, another) => {
    const other = await another();
    await store(engine, "/f", "first");
    const hash = async () => (await other.tree.look("alice", "/f"))!.record!.hash;
    for (let round = 0; round < 8; round++) {
      const locking = async () => {
        while ((await other.catalog.locks.take(lock("/f"), 100)).state === "busy");
        return await hash();
      };
      const change = { ifExists: "overwrite" } as const;
      const [locked, changed] = await Promise.allSettled([
        locking(),
        store(engine, "/f", `round ${round}`, change),
      ]);
      if (changed.status === "rejected") assertErrorLike(changed.reason, { kind: "locked" });
      // Nothing that was decided before the lock comes in after it.
      assertEquals(locked, { status: "fulfilled", value: await hash() });
      await other.catalog.locks.remove("alice", "/f");
    }
  });
}
