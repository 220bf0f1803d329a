import { assertEquals } from "@std/assert";
import type { WebSessionRecord } from "../../../../storage/contract/books/web_session_book.ts";
import { account, type HoldsBooks } from "../catalog_samples.ts";
import { ALL, assertPaged } from "../../../support/pages.ts";

function session(id: string, change: Partial<WebSessionRecord> = {}): WebSessionRecord {
  return {
    id,
    account: "alice",
    generation: 1,
    hash: `hash of ${id}`,
    address: "127.0.0.1",
    agent: "Firefox 130 on Linux",
    createdMs: 5,
    lastUsedMs: 6,
    expiresMs: 100,
    ...change,
  };
}

export function webSessionContract(holds: HoldsBooks): void {
  holds(
    "browsers' sessions are found by hash and account, oldest first",
    async (catalog, reopen) => {
      for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
      const { webSessions } = catalog;
      assertEquals(await webSessions.add(session("1")), true);
      assertEquals(await webSessions.add(session("2", { createdMs: 4 })), true);
      assertEquals(await webSessions.add(session("3", { account: "al" })), true);
      const again = (await reopen()).webSessions;
      assertEquals(await again.byHash("hash of 1"), session("1"));
      assertEquals((await again.of("alice", ALL)).map(({ id }) => id), ["2", "1"]);
      await assertPaged((page) => again.of("alice", page), await again.of("alice", ALL));
      assertEquals(await again.byHash("1"), undefined);
    },
  );

  holds("a browser's session is void with its account's generation", async (catalog) => {
    const { webSessions } = catalog;
    await catalog.addAccount(account("alice"));
    assertEquals(await webSessions.add(session("0", { generation: 2 })), false);
    assertEquals(await webSessions.add(session("0", { account: "missing" })), false);
    await webSessions.add(session("1"));
    await webSessions.add(session("2"));
    assertEquals(await catalog.setPassword("alice", "other"), 2);
    assertEquals(await webSessions.byHash("hash of 1"), undefined);
    assertEquals(await webSessions.of("alice", ALL), []);
    // The session in which the password was changed goes on, by another secret.
    assertEquals(await webSessions.renew("1", "new hash", 1), false);
    assertEquals(await webSessions.renew("1", "new hash", 2), true);
    assertEquals(await webSessions.renew("none", "new hash", 2), false);
    assertEquals((await webSessions.byHash("new hash"))?.id, "1");
    assertEquals(await webSessions.byHash("hash of 1"), undefined);
    assertEquals(await webSessions.byHash("hash of 2"), undefined);
  });

  holds("browsers' sessions end, and go with their account", async (catalog, reopen) => {
    const { webSessions } = catalog;
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    for (const id of ["1", "2"]) await webSessions.add(session(id));
    await webSessions.add(session("3", { account: "al" }));
    assertEquals(await webSessions.remove("1"), true);
    assertEquals(await webSessions.remove("1"), false);
    assertEquals(await webSessions.byHash("hash of 1"), undefined);
    await catalog.removeAccount("alice");
    await catalog.addAccount(account("alice"));
    const again = (await reopen()).webSessions;
    assertEquals(await again.byHash("hash of 2"), undefined);
    assertEquals((await again.byHash("hash of 3"))?.account, "al");
  });

  holds("browsers' sessions past their time, or unused, are removed", async (catalog) => {
    const { webSessions } = catalog;
    await catalog.addAccount(account("alice"));
    await webSessions.add(session("old", { expiresMs: 50 }));
    await webSessions.add(session("unused", { lastUsedMs: 20 }));
    await webSessions.add(session("used", { lastUsedMs: 20 }));
    await webSessions.noteUse("used", 30);
    await webSessions.removeExpired(50, 20);
    assertEquals((await webSessions.of("alice", ALL)).map(({ id }) => id), ["used"]);
    assertEquals((await webSessions.byHash("hash of used"))?.lastUsedMs, 30);
  });
}
