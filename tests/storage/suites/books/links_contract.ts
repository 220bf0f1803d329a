import { assertEquals } from "@std/assert";
import { account, type Books, type HoldsBooks, link } from "../catalog_samples.ts";
import { ALL, assertPaged } from "../../../support/pages.ts";

/** Makes one link for each path. */
async function linkPaths(catalog: Books, ...paths: string[]): Promise<void> {
  for (const path of paths) assertEquals(await catalog.links.add(link(path, { path }), 1), true);
}

async function pathsOf(catalog: Books, owner = "alice"): Promise<string[]> {
  return (await catalog.links.of(owner, ALL)).map(({ path }) => path).sort();
}

export function linkContract(holds: HoldsBooks): void {
  holds("links are found by id, secret and owner", async (catalog, reopen) => {
    for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
    const full = link("1", {
      path: "/ä 😀",
      directory: true,
      label: "for Zoë",
      passwordHash: "$scrypt$x",
      pinnedHash: "cd".repeat(32),
      maxDownloads: 3,
      expiresMs: 2 ** 53 - 1,
    });
    const second = link("2", { createdMs: 6 });
    const other = link("3", { owner: "bob" });
    for (const one of [second, full, other]) assertEquals(await catalog.links.add(one, 1), true);
    const again = await reopen();
    assertEquals(await again.links.get("1"), full);
    assertEquals(await again.links.byHash(second.hash), second);
    assertEquals(await again.links.of("alice", ALL), [full, second]);
    await assertPaged((page) => again.links.of("alice", page), await again.links.of("alice", ALL));
    assertEquals(await again.links.get("4"), undefined);
    assertEquals(await again.links.byHash("no hash"), undefined);
  });

  holds("an earlier generation makes no link, nor an account that is gone", async (catalog) => {
    await catalog.addAccount(account("alice", { generation: 3 }));
    assertEquals(await catalog.links.add(link("1"), 2), false);
    assertEquals(await catalog.links.add(link("1", { owner: "missing" }), 3), false);
    assertEquals(await catalog.links.of("alice", ALL), []);
  });

  holds(
    "no more downloads are counted than are allowed, and none past its time",
    async (catalog) => {
      const nowMs = 1_700_000_000_000; // a time of today has more than 32 bits
      await catalog.addAccount(account("alice"));
      await catalog.links.add(link("few", { maxDownloads: 2 }), 1);
      await catalog.links.add(link("any", { expiresMs: nowMs }), 1);
      const counted = await Promise.all(
        [1, 2, 3, 4].map((ms) => catalog.links.countDownload("few", nowMs + ms)),
      );
      assertEquals(counted.filter(Boolean).length, 2);
      assertEquals((await catalog.links.get("few"))!.downloads, 2);
      assertEquals(await catalog.links.countDownload("any", nowMs - 1), true);
      assertEquals(await catalog.links.countDownload("any", nowMs), false);
      assertEquals(await catalog.links.get("any"), {
        ...link("any", { expiresMs: nowMs }),
        downloads: 1,
        lastUsedMs: nowMs - 1,
      });
      assertEquals(await catalog.links.countDownload("nothing", 1), false);
    },
  );

  holds("a link is removed by its owner alone", async (catalog) => {
    for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
    await linkPaths(catalog, "/a", "/b");
    assertEquals(await catalog.links.remove("bob", "/a"), false);
    assertEquals(await catalog.links.remove("alice", "/a"), true);
    assertEquals(await catalog.links.remove("alice", "/a"), false);
    assertEquals(await pathsOf(catalog), ["/b"]);
  });

  holds("removeExpired() removes links past their time", async (catalog) => {
    await catalog.addAccount(account("alice"));
    for (const [path, expiresMs] of [["/a", 10], ["/b", 11], ["/c", null]] as const) {
      await catalog.links.add(link(path, { path, expiresMs }), 1);
    }
    await catalog.links.removeExpired(10);
    assertEquals(await pathsOf(catalog), ["/b", "/c"]);
  });

  holds("an account that is removed takes its links along, and no others", async (catalog) => {
    for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
    await linkPaths(catalog, "/a");
    await catalog.links.add(link("bob's", { owner: "bob" }), 1);
    await catalog.removeAccount("alice");
    assertEquals(await pathsOf(catalog), []);
    assertEquals((await catalog.links.of("bob", ALL)).length, 1);
  });
}
