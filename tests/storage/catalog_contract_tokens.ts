import assert from "node:assert/strict";
import { NO_PASSWORD } from "../../storage/disk/interfaces/disk_catalog.ts";
import type { TokenRecord } from "../../storage/contract/books/token_book.ts";
import { account, type Holds, intent, store, upload } from "./catalog_samples.ts";

function token(id: string, change: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id,
    account: "alice",
    hash: `hash of ${id}`,
    label: "laptop",
    letters: "rw",
    path: "/inbox",
    createdMs: 5,
    lastUsedMs: null,
    expiresMs: null,
    ...change,
  };
}

export function tokenContract(holds: Holds): void {
  holds("tokens are found by id, by hash and by account, oldest first", async (catalog, reopen) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    const full = token("1", { expiresMs: 2 ** 53 - 1, lastUsedMs: 3, label: "", path: "/ä 😀" });
    assert.equal(await catalog.tokens.add(full, 1), true);
    assert.equal(await catalog.tokens.add(token("2", { createdMs: 4 }), 1), true);
    assert.equal(await catalog.tokens.add(token("3", { account: "al" }), 1), true);
    const again = await reopen();
    assert.deepEqual(await again.tokens.get("1"), full);
    assert.deepEqual(await again.tokens.byHash("hash of 1"), full);
    assert.deepEqual((await again.tokens.of("alice")).map(({ id }) => id), ["2", "1"]);
    assert.equal(await again.tokens.get("hash of 1"), undefined);
    assert.equal(await again.tokens.byHash("1"), undefined);
    assert.deepEqual(await again.tokens.of("nobody"), []);
  });

  holds("a session of an earlier generation makes no token", async (catalog) => {
    await catalog.addAccount(account("alice", { generation: 3 }));
    assert.equal(await catalog.tokens.add(token("1"), 2), false);
    assert.equal(await catalog.tokens.add(token("1", { account: "nobody" }), 3), false);
    assert.deepEqual(await catalog.tokens.of("alice"), []);
  });

  holds("a token is removed by its account only", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.tokens.add(token("1"), 1);
    assert.equal(await catalog.tokens.remove("al", "1"), false);
    assert.deepEqual(await catalog.tokens.get("1"), token("1"));
    assert.equal(await catalog.tokens.remove("alice", "1"), true);
    assert.equal(await catalog.tokens.remove("alice", "1"), false);
    assert.equal(await catalog.tokens.get("1"), undefined);
  });

  holds("uses are noted, tokens past their time removed", async (catalog) => {
    await catalog.addAccount(account("alice"));
    for (const [id, expiresMs] of [["1", 10], ["2", 11], ["3", null]] as const) {
      await catalog.tokens.add(token(id, { expiresMs }), 1);
    }
    await catalog.tokens.noteUse("2", 7);
    await catalog.tokens.noteUse("none", 7);
    await catalog.tokens.removeExpired(10);
    const left = await catalog.tokens.of("alice");
    assert.deepEqual(left.map(({ id, lastUsedMs }) => [id, lastUsedMs]), [["2", 7], ["3", null]]);
  });

  holds("setPassword() voids sessions and tokens, of this account only", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.tokens.add(token("1"), 1);
    await catalog.tokens.add(token("2", { account: "al" }), 1);
    assert.equal(await catalog.setPassword("alice", "new", 2), undefined);
    assert.deepEqual(await catalog.account("alice"), account("alice"));
    assert.equal(await catalog.setPassword("alice", "new", 1), 2);
    const changed = account("alice", { passwordHash: "new", generation: 2 });
    assert.deepEqual(await catalog.account("alice"), changed);
    assert.equal(await catalog.tokens.get("1"), undefined);
    assert.equal((await catalog.tokens.of("al")).length, 1);
    assert.equal(await catalog.setPassword("alice", "newer"), 3);
    assert.equal(await catalog.setPassword("nobody", "new"), undefined);
  });

  holds("setLetters() leaves somebody to administer", async (catalog) => {
    await catalog.addAccount(account("alice", { letters: "rt" }));
    await catalog.addAccount(account("bob", { letters: "r" }));
    assert.equal(await catalog.setLetters("alice", "r"), "last-administrator");
    assert.equal((await catalog.account("alice"))!.letters, "rt");
    assert.equal(await catalog.setLetters("alice", "t"), "done");
    assert.equal(await catalog.setLetters("bob", "wt"), "done");
    assert.equal(await catalog.setLetters("alice", ""), "done");
    assert.equal(await catalog.setLetters("bob", ""), "last-administrator");
    assert.equal(await catalog.setLetters("nobody", "r"), "unknown");
    assert.equal((await catalog.account("alice"))!.letters, "");
  });

  holds("of two administrators that remove each other at once, one stays", async (catalog) => {
    for (const name of ["alice", "bob"]) await catalog.addAccount(account(name, { letters: "t" }));
    const answers = await Promise.all([
      catalog.retireAccount("alice"),
      catalog.setLetters("bob", "r"),
      catalog.retireAccount("bob"),
    ]);
    assert.equal(answers.filter((answer) => answer === "done").length, 1);
    const letters = (await catalog.accounts()).map((account) => account.letters);
    assert.equal(letters.filter((some) => some.includes("t")).length, 1);
  });

  holds("retireAccount() leaves an account that nobody can use, and its files", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await store(catalog, intent("/kept", 5));
    await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
    await catalog.tokens.add(token("1"), 1);
    assert.equal(await catalog.retireAccount("alice"), "done");
    assert.equal(await catalog.retireAccount("nobody"), "unknown");
    const { passwordHash, letters, generation } = (await catalog.account("alice"))!;
    assert.deepEqual([passwordHash, letters, generation], [NO_PASSWORD, "", 2]);
    assert.deepEqual(await catalog.tokens.of("alice"), []);
    assert.deepEqual(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 7 });
    await catalog.removeAccount("alice");
    await catalog.addAccount(account("alice"));
    assert.equal((await catalog.account("alice"))!.generation, 3);
  });

  holds("removeAccount() takes its tokens along", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.tokens.add(token("1"), 1);
    await catalog.removeAccount("alice");
    assert.equal(await catalog.tokens.byHash("hash of 1"), undefined);
  });

  holds("failures are counted by key, and still when opened again", async (catalog, reopen) => {
    const bounds = { forgetBeforeMs: 0, mostKeys: 10 };
    await catalog.failures.count(["a", "b"], 100, bounds);
    await catalog.failures.count(["a"], 200, bounds);
    const again = await reopen();
    assert.deepEqual(await again.failures.of(["b", "none", "a"]), [
      { count: 1, lastMs: 100 },
      undefined,
      { count: 2, lastMs: 200 },
    ]);
    await again.failures.forget("a");
    await again.failures.forget("none");
    assert.deepEqual(await again.failures.of(["a"]), [undefined]);
  });

  holds("failures that are long ago are forgotten, and the oldest of too many", async (catalog) => {
    const count = (key: string, atMs: number) =>
      catalog.failures.count([key], atMs, { forgetBeforeMs: atMs - 100, mostKeys: 3 });
    const known = async () =>
      (await catalog.failures.of(["a", "b", "c", "d"])).map((failures) => failures?.count ?? 0);
    await count("a", 100);
    await count("a", 200);
    await count("b", 201);
    assert.deepEqual(await known(), [2, 1, 0, 0]);
    await count("a", 301);
    assert.deepEqual(await known(), [1, 1, 0, 0]);
    await count("c", 302);
    assert.deepEqual(await known(), [1, 0, 1, 0]);
    await count("b", 303);
    await count("d", 304);
    assert.deepEqual(await known(), [0, 1, 1, 1]);
  });
}
