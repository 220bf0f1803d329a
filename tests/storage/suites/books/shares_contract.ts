import type { VirtualPath } from "../../../../storage/contract/path.ts";
import { assertEquals } from "@std/assert";
import { account, type Books, type HoldsBooks, share } from "../catalog_samples.ts";
import { ALL, assertPaged } from "../../../support/pages.ts";

async function accounts(catalog: Books, ...names: string[]): Promise<void> {
  for (const name of names) await catalog.addAccount(account(name));
}

/** Shares path by path, each with bob. */
async function sharePaths(catalog: Books, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    assertEquals(await catalog.shares.put(share(`id of ${path}`, { path }), 1), true);
  }
}

async function pathsOf(catalog: Books, owner = "alice"): Promise<string[]> {
  return (await catalog.shares.by(owner, ALL)).map(({ path }) => path);
}

export function shareContract(holds: HoldsBooks): void {
  holds("shares are found by owner and by guest, in their order", async (catalog, reopen) => {
    await accounts(catalog, "alice", "al", "bob");
    const full = share("1", {
      path: "/ä 😀",
      letters: "rwcd",
      directory: false,
      expiresMs: 2 ** 53 - 1,
    });
    const everybody = share("2", { guest: "*" });
    const direct = share("3");
    const other = share("4", { owner: "al", path: "/" });
    for (const one of [full, everybody, direct, other]) {
      assertEquals(await catalog.shares.put(one, 1), true);
    }
    const again = await reopen();
    assertEquals(await again.shares.by("alice", ALL), [everybody, direct, full]);
    assertEquals(await again.shares.with("bob", ALL), [other, everybody, direct, full]);
    assertEquals(await again.shares.with("al", ALL), [everybody]);
    assertEquals(await again.shares.with("alice", ALL), []);
    assertEquals(await again.shares.with("*", ALL), [everybody]);
    assertEquals(await again.shares.by("bob", ALL), []);
  });

  holds("sharing again replaces all but the id, and is seen at once", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    await sharePaths(catalog, "/doc");
    assertEquals((await catalog.shares.with("bob", ALL))[0]!.letters, "r");
    const next = share("2", { letters: "rw", expiresMs: 9, directory: false, createdMs: 6 });
    await catalog.shares.put(next, 1);
    const expected = [{ ...next, id: "id of /doc" }];
    assertEquals(await catalog.shares.with("bob", ALL), expected);
    assertEquals(await catalog.shares.by("alice", ALL), expected);
  });

  holds("remove() ends the shares of one path, with one guest or all", async (catalog) => {
    await accounts(catalog, "alice", "bob", "carol");
    for (const guest of ["bob", "carol", "*"]) {
      await catalog.shares.put(share(guest, { guest }), 1);
    }
    await sharePaths(catalog, "/doc/x", "/docs");
    assertEquals(await catalog.shares.remove("alice", "/doc", "carol"), 1);
    assertEquals(await catalog.shares.remove("alice", "/doc", "carol"), 0);
    assertEquals(await catalog.shares.with("carol", ALL), [share("*", { guest: "*" })]);
    assertEquals(await catalog.shares.remove("bob", "/doc"), 0);
    assertEquals(await catalog.shares.remove("alice", "/doc"), 2);
    assertEquals(await pathsOf(catalog), ["/doc/x", "/docs"]);
  });

  holds("shares are listed in pages, each share once", async (catalog) => {
    await accounts(catalog, "al", "alice", "bob", "carol");
    await sharePaths(catalog, "/a", "/a b", "/a/x", "/ä", "/z");
    for (const path of ["/a", "/q"]) {
      await catalog.shares.put(share(`* ${path}`, { path, guest: "*" }), 1);
      await catalog.shares.put(share(`al ${path}`, { path, owner: "al" }), 1);
      await catalog.shares.put(share(`bob ${path}`, { path, owner: "bob", guest: "*" }), 1);
    }
    const { shares } = catalog;
    const lists = [
      shares.by.bind(shares, "alice"),
      shares.with.bind(shares, "bob"),
      shares.at.bind(shares, "alice", "/a"),
    ];
    for (const read of lists) await assertPaged(read, await read(ALL));
  });

  holds("shares at, above and below a path are found by themselves", async (catalog) => {
    await accounts(catalog, "alice", "bob", "carol");
    await sharePaths(catalog, "/a", "/a b", "/a/x/y", "/a0");
    const { shares } = catalog;
    await shares.put(share("*", { path: "/a/x", guest: "*", createdMs: 77 }), 1);
    await shares.put(share("void", { path: "/a/y", guest: "*", expiresMs: 5 }), 1);
    await shares.put(share("carol", { path: "/a/c", guest: "carol", createdMs: 99 }), 1);
    await shares.put(share("bob's", { path: "/a", owner: "bob", guest: "*" }), 1);
    const search = { owner: "alice", nowMs: 6, count: 10 };
    const above = async (path: string) =>
      (await shares.above("bob", "alice", path)).map((one) => one.path).sort();
    assertEquals(await above("/a/x/y"), ["/a", "/a/x", "/a/x/y"]);
    assertEquals(await above("/a b/c"), ["/a b"]);
    assertEquals(await above("/"), []);
    assertEquals(await shares.below("bob", { ...search, path: "/a" }), ["/a/x", "/a/x/y"]);
    assertEquals(
      await shares.below("bob", { ...search, path: "/", after: "/a", count: 2 }),
      ["/a b", "/a/x"],
    );
    assertEquals(await shares.owners("bob", search), ["alice"]);
    assertEquals(await shares.owners("carol", search), ["alice", "bob"]);
    assertEquals(await shares.owners("carol", { ...search, after: "alice" }), ["bob"]);
    assertEquals((await shares.at("alice", "/a/x", ALL)).map(({ id }) => id), ["*"]);
    assertEquals(await shares.at("alice", "/b", ALL), []);
    const among = async (...paths: VirtualPath[]) => (await shares.among("alice", paths, 6)).sort();
    assertEquals(await among("/a/x", "/b", "/a", "/a/y"), ["/a", "/a/x"]);
    assertEquals(await among(), []);
    assertEquals(await shares.within("alice", "/a/x"), true);
    assertEquals(await shares.within("alice", "/b"), false);
    assertEquals(await shares.within("alice", "/"), true);
    assertEquals(await shares.within("carol", "/"), false);
    assertEquals((await shares.get("id of /a"))!.path, "/a");
    assertEquals(await shares.get("none"), undefined);
    assertEquals(await shares.latestMs("bob"), 77);
    assertEquals(await shares.latestMs("bob", "alice", "/a/x"), 77);
    assertEquals(await shares.latestMs("bob", "carol"), 0);
  });

  holds("removeExpired() removes shares past their time", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    for (const [path, expiresMs] of [["/a", 10], ["/b", 11], ["/c", null]] as const) {
      await catalog.shares.put(share(path, { path, expiresMs }), 1);
    }
    await catalog.shares.removeExpired(10);
    assertEquals(await pathsOf(catalog), ["/b", "/c"]);
  });

  holds(
    "an earlier generation shares nothing, and no account shares with a missing one",
    async (catalog) => {
      await catalog.addAccount(account("alice", { generation: 3 }));
      await accounts(catalog, "bob", "carol");
      assertEquals(await catalog.shares.put(share("1"), 2), false);
      assertEquals(await catalog.shares.put(share("1", { owner: "missing" }), 3), false);
      assertEquals(await catalog.shares.put(share("1", { guest: "missing" }), 3), false);
      assertEquals(await catalog.shares.put(share("1", { guest: "alice" }), 3), false);
      await catalog.removeAccount("carol");
      assertEquals(await catalog.shares.put(share("1", { guest: "carol" }), 3), false);
      assertEquals(await catalog.shares.by("alice", ALL), []);
      assertEquals(await catalog.shares.put(share("1", { guest: "*" }), 3), true);
    },
  );

  holds(
    "an account that is removed ends shares of it and with it, and no others",
    async (catalog) => {
      await accounts(catalog, "alice", "bob", "carol");
      await sharePaths(catalog, "/doc");
      const back = share("2", { owner: "bob", guest: "alice" });
      const stays = share("3", { guest: "*" });
      await catalog.shares.put(back, 1);
      await catalog.shares.put(stays, 1);
      await catalog.shares.with("alice", ALL);
      await catalog.removeAccount("bob");
      assertEquals(await catalog.shares.by("alice", ALL), [stays]);
      assertEquals(await catalog.shares.by("bob", ALL), []);
      assertEquals(await catalog.shares.with("alice", ALL), []);
      assertEquals(await catalog.shares.with("carol", ALL), [stays]);
    },
  );
}
