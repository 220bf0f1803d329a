import { assertEquals } from "@std/assert";
import { account, type HoldsBooks, token } from "../catalog_samples.ts";
import { ALL, assertPaged } from "../../../support/pages.ts";

export function tokenContract(holds: HoldsBooks): void {
  holds("tokens are found by id, by hash and by account, oldest first", async (catalog, reopen) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    const full = token("1", { expiresMs: 2 ** 53 - 1, lastUsedMs: 3, label: "", path: "/ä 😀" });
    assertEquals(await catalog.tokens.add(full, 1), true);
    assertEquals(await catalog.tokens.add(token("2", { createdMs: 4 }), 1), true);
    assertEquals(await catalog.tokens.add(token("3", { account: "al" }), 1), true);
    const again = await reopen();
    assertEquals(await again.tokens.get("1"), full);
    assertEquals(await again.tokens.byHash("hash of 1"), full);
    assertEquals((await again.tokens.of("alice", ALL)).map(({ id }) => id), ["2", "1"]);
    await assertPaged(
      (page) => again.tokens.of("alice", page),
      await again.tokens.of("alice", ALL),
    );
    assertEquals(await again.tokens.get("hash of 1"), undefined);
    assertEquals(await again.tokens.byHash("1"), undefined);
    assertEquals(await again.tokens.of("missing", ALL), []);
  });

  holds("a session of an earlier generation makes no token", async (catalog) => {
    await catalog.addAccount(account("alice", { generation: 3 }));
    assertEquals(await catalog.tokens.add(token("1"), 2), false);
    assertEquals(await catalog.tokens.add(token("1", { account: "missing" }), 3), false);
    assertEquals(await catalog.tokens.of("alice", ALL), []);
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
    const left = await catalog.tokens.of("alice", ALL);
    assertEquals(left.map(({ id, lastUsedMs }) => [id, lastUsedMs]), [["2", 7], ["3", null]]);
  });

  holds("removeAccount() takes its tokens along", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.tokens.add(token("1"), 1);
    await catalog.removeAccount("alice");
    assertEquals(await catalog.tokens.byHash("hash of 1"), undefined);
  });
}
