import { assertEquals } from "@std/assert";
import { NO_PASSWORD } from "../../../storage/disk/interfaces/disk_catalog.ts";
import type { TokenRecord } from "../../../storage/contract/books/token_book.ts";
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
    assertEquals(await catalog.tokens.add(full, 1), true);
    assertEquals(await catalog.tokens.add(token("2", { createdMs: 4 }), 1), true);
    assertEquals(await catalog.tokens.add(token("3", { account: "al" }), 1), true);
    const again = await reopen();
    assertEquals(await again.tokens.get("1"), full);
    assertEquals(await again.tokens.byHash("hash of 1"), full);
    assertEquals((await again.tokens.of("alice")).map(({ id }) => id), ["2", "1"]);
    assertEquals(await again.tokens.get("hash of 1"), undefined);
    assertEquals(await again.tokens.byHash("1"), undefined);
    assertEquals(await again.tokens.of("nobody"), []);
  });

  holds("a session of an earlier generation makes no token", async (catalog) => {
    await catalog.addAccount(account("alice", { generation: 3 }));
    assertEquals(await catalog.tokens.add(token("1"), 2), false);
    assertEquals(await catalog.tokens.add(token("1", { account: "nobody" }), 3), false);
    assertEquals(await catalog.tokens.of("alice"), []);
  });

  holds("a token is removed by its account only", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.tokens.add(token("1"), 1);
    assertEquals(await catalog.tokens.remove("al", "1"), false);
    assertEquals(await catalog.tokens.get("1"), token("1"));
    assertEquals(await catalog.tokens.remove("alice", "1"), true);
    assertEquals(await catalog.tokens.remove("alice", "1"), false);
    assertEquals(await catalog.tokens.get("1"), undefined);
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
    assertEquals(left.map(({ id, lastUsedMs }) => [id, lastUsedMs]), [["2", 7], ["3", null]]);
  });

  holds("setPassword() voids sessions and tokens, of this account only", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.tokens.add(token("1"), 1);
    await catalog.tokens.add(token("2", { account: "al" }), 1);
    assertEquals(await catalog.setPassword("alice", "new", 2), undefined);
    assertEquals(await catalog.account("alice"), account("alice"));
    assertEquals(await catalog.setPassword("alice", "new", 1), 2);
    const changed = account("alice", { passwordHash: "new", generation: 2 });
    assertEquals(await catalog.account("alice"), changed);
    assertEquals(await catalog.tokens.get("1"), undefined);
    assertEquals((await catalog.tokens.of("al")).length, 1);
    assertEquals(await catalog.setPassword("alice", "newer"), 3);
    assertEquals(await catalog.setPassword("nobody", "new"), undefined);
  });

  holds("setLetters() leaves an administrator", async (catalog) => {
    await catalog.addAccount(account("alice", { letters: "rt" }));
    await catalog.addAccount(account("bob", { letters: "r" }));
    assertEquals(await catalog.setLetters("alice", "r"), "last-administrator");
    assertEquals((await catalog.account("alice"))!.letters, "rt");
    assertEquals(await catalog.setLetters("alice", "t"), "done");
    assertEquals(await catalog.setLetters("bob", "wt"), "done");
    assertEquals(await catalog.setLetters("alice", ""), "done");
    assertEquals(await catalog.setLetters("bob", ""), "last-administrator");
    assertEquals(await catalog.setLetters("nobody", "r"), "unknown");
    assertEquals((await catalog.account("alice"))!.letters, "");
  });

  holds("of two administrators that remove each other at once, one stays", async (catalog) => {
    for (const name of ["alice", "bob"]) await catalog.addAccount(account(name, { letters: "t" }));
    const answers = await Promise.all([
      catalog.retireAccount("alice"),
      catalog.setLetters("bob", "r"),
      catalog.retireAccount("bob"),
    ]);
    assertEquals(answers.filter((answer) => answer === "done").length, 1);
    const letters = (await catalog.accounts()).map((account) => account.letters);
    assertEquals(letters.filter((some) => some.includes("t")).length, 1);
  });

  holds("retireAccount() leaves an account without a login, and its files", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await store(catalog, intent("/kept", 5));
    await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
    await catalog.tokens.add(token("1"), 1);
    assertEquals(await catalog.retireAccount("alice"), "done");
    assertEquals(await catalog.retireAccount("nobody"), "unknown");
    const { passwordHash, letters, generation } = (await catalog.account("alice"))!;
    assertEquals([passwordHash, letters, generation], [NO_PASSWORD, "", 2]);
    assertEquals(await catalog.tokens.of("alice"), []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 7 });
    await catalog.removeAccount("alice");
    await catalog.addAccount(account("alice"));
    assertEquals((await catalog.account("alice"))!.generation, 3);
  });

  holds("removeAccount() takes its tokens along", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.tokens.add(token("1"), 1);
    await catalog.removeAccount("alice");
    assertEquals(await catalog.tokens.byHash("hash of 1"), undefined);
  });

  holds("failures are counted by key, and still when opened again", async (catalog, reopen) => {
    const bounds = { forgetBeforeMs: 0, mostKeys: 10 };
    await catalog.failures.count(["a", "b"], 100, bounds);
    await catalog.failures.count(["a"], 200, bounds);
    const again = await reopen();
    assertEquals(await again.failures.of(["b", "none", "a"]), [
      { count: 1, lastMs: 100 },
      undefined,
      { count: 2, lastMs: 200 },
    ]);
    await again.failures.forget("a");
    await again.failures.forget("none");
    assertEquals(await again.failures.of(["a"]), [undefined]);
  });

  holds("failures that are long ago are forgotten, and the oldest of too many", async (catalog) => {
    const count = (key: string, atMs: number) =>
      catalog.failures.count([key], atMs, { forgetBeforeMs: atMs - 100, mostKeys: 3 });
    const known = async () =>
      (await catalog.failures.of(["a", "b", "c", "d"])).map((failures) => failures?.count ?? 0);
    await count("a", 100);
    await count("a", 200);
    await count("b", 201);
    assertEquals(await known(), [2, 1, 0, 0]);
    await count("a", 301);
    assertEquals(await known(), [1, 1, 0, 0]);
    await count("c", 302);
    assertEquals(await known(), [1, 0, 1, 0]);
    await count("b", 303);
    await count("d", 304);
    assertEquals(await known(), [0, 1, 1, 1]);
  });
}
