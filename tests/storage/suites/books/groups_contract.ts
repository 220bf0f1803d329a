import { assertEquals } from "@std/assert";
import type { GroupRecord } from "../../../../storage/contract/books/group_book.ts";
import { ALL } from "../../../support/pages.ts";
import { account, type Books, type HoldsBooks, share } from "../catalog_samples.ts";

const NOW_MS = 1000;

function group(name: string, letters = "rw"): GroupRecord {
  return { name, letters, createdMs: 5 };
}

async function withAccounts(catalog: Books): Promise<void> {
  for (const name of ["alice", "bob", "carol"]) await catalog.addAccount(account(name));
}

export function groupContract(holds: HoldsBooks): void {
  holds("groups are added once, listed by name in pages, and changed", async (catalog, reopen) => {
    assertEquals(await catalog.groups.list(ALL), []);
    for (const name of ["staff", "b", "a"]) {
      assertEquals(await catalog.groups.add(group(name)), true);
    }
    assertEquals(await catalog.groups.add(group("staff", "d")), false);
    const later = await reopen();
    assertEquals(await later.groups.get("staff"), group("staff"));
    assertEquals(await later.groups.get("staf"), undefined);
    assertEquals(await later.groups.list(ALL), ["a", "b", "staff"].map((name) => group(name)));
    assertEquals(await later.groups.list({ after: { name: "a" }, count: 1 }), [group("b")]);
    assertEquals(await later.groups.setLetters("staff", ""), true);
    assertEquals(await later.groups.setLetters("missing", "r"), false);
    assertEquals(await later.groups.get("staff"), group("staff", ""));
  });

  holds("account() and accounts() have the groups, as they are now", async (catalog) => {
    await withAccounts(catalog);
    for (const name of ["staff", "b"]) await catalog.groups.add(group(name));
    assertEquals((await catalog.account("bob"))!.groups, []);
    for (const name of ["staff", "b", "b"]) {
      assertEquals(await catalog.groups.join(name, "bob"), "done");
    }
    assertEquals(await catalog.groups.join("missing", "bob"), "no-group");
    assertEquals(await catalog.groups.join("staff", "missing"), "no-account");
    const both = [{ name: "b", letters: "rw" }, { name: "staff", letters: "rw" }];
    assertEquals((await catalog.account("bob"))!.groups, both);
    assertEquals((await catalog.accounts(ALL)).map(({ groups }) => groups), [[], both, []]);
    await catalog.groups.setLetters("b", "d");
    assertEquals((await catalog.account("bob"))!.groups[0], { name: "b", letters: "d" });
    assertEquals(await catalog.groups.leave("b", "bob"), true);
    assertEquals(await catalog.groups.leave("b", "bob"), false);
    assertEquals((await catalog.account("bob"))!.groups, both.slice(1));
    assertEquals(await catalog.groups.remove("staff"), true);
    assertEquals(await catalog.groups.remove("staff"), false);
    assertEquals((await catalog.account("bob"))!.groups, []);
    await catalog.groups.add(group("staff"));
    assertEquals((await catalog.account("bob"))!.groups, []);
  });

  holds("members() are listed by name, in pages; a removed account is none", async (catalog) => {
    await withAccounts(catalog);
    await catalog.groups.add(group("staff"));
    for (const name of ["carol", "alice", "bob"]) await catalog.groups.join("staff", name);
    const names = (found: { account: string }[]) => found.map(({ account }) => account);
    assertEquals(names(await catalog.groups.members("staff", ALL)), ["alice", "bob", "carol"]);
    const page = { after: { account: "alice" }, count: 1 };
    assertEquals(names(await catalog.groups.members("staff", page)), ["bob"]);
    assertEquals(await catalog.groups.count("staff"), 3);
    await catalog.removeAccount("bob");
    assertEquals(names(await catalog.groups.members("staff", ALL)), ["alice", "carol"]);
    await catalog.addAccount(account("bob"));
    assertEquals((await catalog.account("bob"))!.groups, []);
    assertEquals(await catalog.groups.members("missing", ALL), []);
    assertEquals(await catalog.groups.count("missing"), 0);
  });

  holds("a share with a group is with its members, but for its owner", async (catalog) => {
    await withAccounts(catalog);
    const shared = share("1", { guest: "@staff" });
    assertEquals(await catalog.shares.put(shared, 1), false);
    for (const name of ["staff", "other"]) await catalog.groups.add(group(name));
    assertEquals(await catalog.shares.put(shared, 1), true);
    const own = share("2", { path: "/doc/a" });
    await catalog.shares.put(own, 1);
    const above = (guest: string) => catalog.shares.above(guest, "alice", "/doc/a/b");
    const search = { owner: "alice", path: "/", nowMs: NOW_MS, count: 10 };
    const all = async (guest: string) => ({
      with: (await catalog.shares.with(guest, ALL)).map(({ id }) => id),
      above: (await above(guest)).map(({ id }) => id),
      below: await catalog.shares.below(guest, search),
      owners: await catalog.shares.owners(guest, { nowMs: NOW_MS, count: 10 }),
      latest: await catalog.shares.latestMs(guest),
      latestOf: await catalog.shares.latestMs(guest, "alice", "/doc"),
    });
    const nothing = { with: [], above: [], below: [], owners: [], latest: 0, latestOf: 0 };
    const found = { owners: ["alice"], latest: 5, latestOf: 5 };
    assertEquals(await all("carol"), nothing);
    for (const name of ["alice", "bob", "carol"]) await catalog.groups.join("staff", name);
    await catalog.groups.join("other", "carol");
    assertEquals(await all("carol"), { with: ["1"], above: ["1"], below: ["/doc"], ...found });
    const both = { with: ["1", "2"], above: ["1", "2"], below: ["/doc", "/doc/a"], ...found };
    assertEquals(await all("bob"), both);
    assertEquals(await all("alice"), nothing);
    const first = await catalog.shares.with("bob", { count: 1 });
    assertEquals(first.map(({ id }) => id), ["1"]);
    const second = await catalog.shares.with("bob", { after: first[0]!, count: 1 });
    assertEquals(second.map(({ id }) => id), ["2"]);
    await catalog.groups.leave("staff", "carol");
    assertEquals(await all("carol"), nothing);
    await catalog.groups.remove("staff");
    assertEquals(await all("bob"), { with: ["2"], above: ["2"], below: ["/doc/a"], ...found });
    await catalog.groups.add(group("staff"));
    await catalog.groups.join("staff", "carol");
    assertEquals(await all("carol"), nothing);
    assertEquals((await catalog.shares.by("alice", ALL)).map(({ id }) => id), ["2"]);
  });

  holds("a group that is removed takes all its shares along, however many", async (catalog) => {
    await withAccounts(catalog);
    for (const name of ["staff", "other"]) await catalog.groups.add(group(name));
    const put = async (i: number, guest: string) =>
      await catalog.shares.put(share(`${guest} ${i}`, { path: `/f${i}`, guest }), 1);
    await Promise.all(Array.from({ length: 600 }, (_, i) => put(i, "@staff")));
    await put(0, "@other");
    await catalog.groups.remove("staff");
    assertEquals((await catalog.shares.by("alice", ALL)).map(({ id }) => id), ["@other 0"]);
  });
}
