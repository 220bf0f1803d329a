import { assertEquals } from "@std/assert";
import type { DiskCatalog } from "../../../storage/disk/interfaces/disk_catalog.ts";
import { account, type Holds, intent, moveOf, share, store } from "./catalog_samples.ts";

async function accounts(catalog: DiskCatalog, ...names: string[]): Promise<void> {
  for (const name of names) await catalog.addAccount(account(name));
}

/** Shares path by path, each with bob. */
async function sharePaths(catalog: DiskCatalog, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    assertEquals(await catalog.shares.put(share(`id of ${path}`, { path }), 1), true);
  }
}

async function pathsOf(catalog: DiskCatalog, owner = "alice"): Promise<string[]> {
  return (await catalog.shares.by(owner)).map(({ path }) => path);
}

export function shareContract(holds: Holds): void {
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
    assertEquals(await again.shares.by("alice"), [everybody, direct, full]);
    assertEquals(await again.shares.with("bob"), [other, everybody, direct, full]);
    assertEquals(await again.shares.with("al"), [everybody]);
    assertEquals(await again.shares.with("alice"), []);
    assertEquals(await again.shares.with("*"), [everybody]);
    assertEquals(await again.shares.by("bob"), []);
  });

  holds("sharing again replaces all but the id, and is seen at once", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    await sharePaths(catalog, "/doc");
    assertEquals((await catalog.shares.with("bob"))[0]!.letters, "r");
    const next = share("2", { letters: "rw", expiresMs: 9, directory: false, createdMs: 6 });
    await catalog.shares.put(next, 1);
    const expected = [{ ...next, id: "id of /doc" }];
    assertEquals(await catalog.shares.with("bob"), expected);
    assertEquals(await catalog.shares.by("alice"), expected);
  });

  holds(
    "an earlier generation shares nothing, and no account shares with a missing one",
    async (catalog) => {
      await catalog.addAccount(account("alice", { generation: 3 }));
      await accounts(catalog, "bob", "carol");
      assertEquals(await catalog.shares.put(share("1"), 2), false);
      assertEquals(await catalog.shares.put(share("1", { owner: "nobody" }), 3), false);
      assertEquals(await catalog.shares.put(share("1", { guest: "nobody" }), 3), false);
      assertEquals(await catalog.shares.put(share("1", { guest: "alice" }), 3), false);
      await catalog.addAccount(account("admin", { letters: "t" }));
      await catalog.retireAccount("carol");
      assertEquals(await catalog.shares.put(share("1", { guest: "carol" }), 3), false);
      assertEquals(await catalog.shares.by("alice"), []);
      assertEquals(await catalog.shares.put(share("1", { guest: "*" }), 3), true);
    },
  );

  holds("remove() ends the shares of one path, with one guest or all", async (catalog) => {
    await accounts(catalog, "alice", "bob", "carol");
    for (const guest of ["bob", "carol", "*"]) {
      await catalog.shares.put(share(guest, { guest }), 1);
    }
    await sharePaths(catalog, "/doc/x", "/docs");
    assertEquals(await catalog.shares.remove("alice", "/doc", "carol"), 1);
    assertEquals(await catalog.shares.remove("alice", "/doc", "carol"), 0);
    assertEquals(await catalog.shares.with("carol"), [share("*", { guest: "*" })]);
    assertEquals(await catalog.shares.remove("bob", "/doc"), 0);
    assertEquals(await catalog.shares.remove("alice", "/doc"), 2);
    assertEquals(await pathsOf(catalog), ["/doc/x", "/docs"]);
  });

  holds("forget() ends shares at and below a path, and none beside it", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    await catalog.shares.put(share("1", { owner: "bob", guest: "alice" }), 1);
    await sharePaths(catalog, "/doc", "/doc/a/b", "/doc 2", "/doc0", "/docs", "/a/doc");
    await catalog.shares.with("bob");
    await catalog.forget("alice", "/doc");
    assertEquals(await pathsOf(catalog), ["/a/doc", "/doc 2", "/doc0", "/docs"]);
    assertEquals((await catalog.shares.with("bob")).length, 4);
    await catalog.forget("alice", "/");
    assertEquals(await pathsOf(catalog), []);
    assertEquals(await pathsOf(catalog, "bob"), ["/doc"]);
  });

  holds("endMove() takes shares along; those of a replaced file end", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    await store(catalog, intent("/old", 1), intent("/new", 1));
    await catalog.shares.put(share("1", { owner: "bob", guest: "alice", path: "/dir" }), 1);
    await sharePaths(catalog, "/dir/a", "/dir/ä/b", "/dir", "/dirs", "/old", "/new");
    await catalog.shares.with("bob");
    for (const [from, to] of [["/dir", "/x/moved"], ["/old", "/new"]] as const) {
      await catalog.beginMove(moveOf(from, to));
      await catalog.endMove(moveOf(from, to), true);
    }
    const moved = ["/dirs", "/new", "/x/moved", "/x/moved/a", "/x/moved/ä/b"];
    assertEquals(await pathsOf(catalog), moved);
    assertEquals((await catalog.shares.with("bob")).map(({ path }) => path), moved);
    const [, replacing] = await catalog.shares.by("alice");
    assertEquals(replacing!.id, "id of /old");
    assertEquals(await pathsOf(catalog, "bob"), ["/dir"]);
    await catalog.beginMove(moveOf("/dirs", "/y"));
    await catalog.endMove(moveOf("/dirs", "/y"), false);
    assertEquals(await pathsOf(catalog), moved);
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
    for (const read of [shares.by.bind(shares, "alice"), shares.with.bind(shares, "bob")]) {
      const all = await read();
      const paged = [];
      for (let after; paged.length < 100; after = paged.at(-1)) {
        const page = await read({ after, count: 2 });
        paged.push(...page);
        if (page.length < 2) break;
      }
      assertEquals(paged, all);
    }
  });

  holds("what is shared at, above and below a path is found by itself", async (catalog) => {
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
    assertEquals((await shares.at("alice", ["/a/x", "/b", "/a"])).map(({ id }) => id).sort(), [
      "*",
      "id of /a",
    ]);
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

  for (const how of ["retireAccount", "removeAccount"] as const) {
    holds(`${how}() ends shares of the account and with it, and no others`, async (catalog) => {
      await catalog.addAccount(account("admin", { letters: "t" }));
      await accounts(catalog, "alice", "bob", "carol");
      await sharePaths(catalog, "/doc");
      const back = share("2", { owner: "bob", guest: "alice" });
      const stays = share("3", { guest: "*" });
      await catalog.shares.put(back, 1);
      await catalog.shares.put(stays, 1);
      await catalog.shares.with("alice");
      await catalog[how]("bob");
      assertEquals(await catalog.shares.by("alice"), [stays]);
      assertEquals(await catalog.shares.by("bob"), []);
      assertEquals(await catalog.shares.with("alice"), []);
      assertEquals(await catalog.shares.with("carol"), [stays]);
    });
  }

  holds("removeExpired() removes shares past their time", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    for (const [path, expiresMs] of [["/a", 10], ["/b", 11], ["/c", null]] as const) {
      await catalog.shares.put(share(path, { path, expiresMs }), 1);
    }
    await catalog.shares.removeExpired(10);
    assertEquals(await pathsOf(catalog), ["/b", "/c"]);
  });
}
