import { assertEquals } from "@std/assert";
import { type DiskCatalog, NO_PASSWORD } from "../../../storage/disk/interfaces/disk_catalog.ts";
import type { UploadNote } from "../../../storage/contract/books/upload_note_book.ts";
import { ALL } from "../../support/pages.ts";
import {
  account,
  type Holds,
  intent,
  link,
  moveOf,
  share,
  store,
  token,
  upload,
} from "./catalog_samples.ts";

async function accounts(catalog: DiskCatalog, ...names: string[]): Promise<void> {
  for (const name of names) await catalog.addAccount(account(name));
}

/** Shares path by path, each with bob. */
async function sharePaths(catalog: DiskCatalog, ...paths: string[]): Promise<void> {
  for (const path of paths) await catalog.shares.put(share(`id of ${path}`, { path }), 1);
}

/** Makes one link for each path. */
async function linkPaths(catalog: DiskCatalog, ...paths: string[]): Promise<void> {
  for (const path of paths) await catalog.links.add(link(path, { path }), 1);
}

async function pathsOf(catalog: DiskCatalog, owner = "alice"): Promise<string[]> {
  return (await catalog.shares.by(owner, ALL)).map(({ path }) => path);
}

async function linkedPaths(catalog: DiskCatalog, owner = "alice"): Promise<string[]> {
  return (await catalog.links.of(owner, ALL)).map(({ path }) => path).sort();
}

/** Shares, links and tokens follow the steps of the disk engine with files and accounts. */
export function grantContract(holds: Holds): void {
  holds("forget() ends shares at and below a path, and none beside it", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    await catalog.shares.put(share("1", { owner: "bob", guest: "alice" }), 1);
    await sharePaths(catalog, "/doc", "/doc/a/b", "/doc 2", "/doc0", "/docs", "/a/doc");
    await catalog.shares.with("bob", ALL);
    await catalog.forget("alice", "/doc");
    assertEquals(await pathsOf(catalog), ["/a/doc", "/doc 2", "/doc0", "/docs"]);
    assertEquals((await catalog.shares.with("bob", ALL)).length, 4);
    await catalog.forget("alice", "/");
    assertEquals(await pathsOf(catalog), []);
    assertEquals(await pathsOf(catalog, "bob"), ["/doc"]);
  });

  holds("endMove() takes shares along; those of a replaced file end", async (catalog) => {
    await accounts(catalog, "alice", "bob");
    await store(catalog, intent("/old", 1), intent("/new", 1));
    await catalog.shares.put(share("1", { owner: "bob", guest: "alice", path: "/dir" }), 1);
    await sharePaths(catalog, "/dir/a", "/dir/ä/b", "/dir", "/dirs", "/old", "/new");
    await catalog.shares.with("bob", ALL);
    for (const [from, to] of [["/dir", "/x/moved"], ["/old", "/new"]] as const) {
      await catalog.beginMove(moveOf(from, to));
      await catalog.endMove(moveOf(from, to), true);
    }
    const moved = ["/dirs", "/new", "/x/moved", "/x/moved/a", "/x/moved/ä/b"];
    assertEquals(await pathsOf(catalog), moved);
    assertEquals((await catalog.shares.with("bob", ALL)).map(({ path }) => path), moved);
    const [, replacing] = await catalog.shares.by("alice", ALL);
    assertEquals(replacing!.id, "id of /old");
    assertEquals(await pathsOf(catalog, "bob"), ["/dir"]);
    await catalog.beginMove(moveOf("/dirs", "/y"));
    await catalog.endMove(moveOf("/dirs", "/y"), false);
    assertEquals(await pathsOf(catalog), moved);
  });

  holds("links end with their file, and follow its rename", async (catalog) => {
    for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
    await catalog.links.add(link("bob's", { owner: "bob", path: "/doc" }), 1);
    await linkPaths(catalog, "/doc", "/doc/a", "/doc 2", "/docs", "/old", "/new");
    await store(catalog, intent("/old", 1), intent("/new", 1));
    await catalog.forget("alice", "/doc");
    assertEquals(await linkedPaths(catalog), ["/doc 2", "/docs", "/new", "/old"]);
    assertEquals(await linkedPaths(catalog, "bob"), ["/doc"]);
    for (const [from, to] of [["/old", "/new"], ["/docs", "/x/ä"]] as const) {
      await catalog.beginMove(moveOf(from, to));
      await catalog.endMove(moveOf(from, to), true);
    }
    assertEquals(await linkedPaths(catalog), ["/doc 2", "/new", "/x/ä"]);
    assertEquals((await catalog.links.get("/old"))!.path, "/new");
    assertEquals(await catalog.links.get("/new"), undefined);
    await catalog.forget("alice", "/");
    assertEquals(await linkedPaths(catalog), []);
  });

  holds(
    "retireAccount() ends shares of the account and with it, and no others",
    async (catalog) => {
      await catalog.addAccount(account("admin", { letters: "t" }));
      await accounts(catalog, "alice", "bob", "carol");
      await sharePaths(catalog, "/doc");
      await catalog.shares.put(share("2", { owner: "bob", guest: "alice" }), 1);
      const stays = share("3", { guest: "*" });
      await catalog.shares.put(stays, 1);
      await linkPaths(catalog, "/a");
      await catalog.links.add(link("bob's", { owner: "bob" }), 1);
      await catalog.retireAccount("bob");
      assertEquals(await catalog.shares.by("alice", ALL), [stays]);
      assertEquals(await catalog.shares.by("bob", ALL), []);
      assertEquals(await catalog.shares.with("alice", ALL), []);
      assertEquals(await catalog.shares.put(share("1"), 1), false);
      assertEquals(await linkedPaths(catalog, "bob"), []);
      assertEquals(await linkedPaths(catalog), ["/a"]);
    },
  );

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
    assertEquals(await catalog.retireAccount("missing"), "unknown");
    const { passwordHash, letters, generation } = (await catalog.account("alice"))!;
    assertEquals([passwordHash, letters, generation], [NO_PASSWORD, "", 2]);
    assertEquals(await catalog.tokens.of("alice", ALL), []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 5, reservedBytes: 7 });
    await catalog.removeAccount("alice");
    await catalog.addAccount(account("alice"));
    assertEquals((await catalog.account("alice"))!.generation, 3);
  });

  holds("old notes go, but for those on unfinished uploads", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const { uploadNotes } = catalog;
    await catalog.addUpload(upload("1"));
    for (const id of ["1", "2"]) await uploadNotes.put(note(id, null));
    await uploadNotes.put(note("3"));
    await uploadNotes.put(note("4", undefined, 20));
    await uploadNotes.removeOld(20);
    const left = await Promise.all(["1", "2", "3", "4"].map((id) => uploadNotes.find(id, "alice")));
    assertEquals(left.map((found) => found?.id), ["1", undefined, undefined, "4"]);
  });

  holds("uploads that are dated in the future are dated now", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addUpload(upload("early", { createdMs: 10, updatedMs: 20 }));
    await catalog.addUpload(upload("late", { createdMs: 1500, updatedMs: 2000 }));
    await catalog.redate(1000);
    const uploads = await catalog.uploads();
    assertEquals(
      uploads.map(({ id, createdMs, updatedMs }) => [id, createdMs, updatedMs]),
      [["late", 1000, 1000], ["early", 10, 20]],
    );
  });
}

function note(
  id: string,
  result: UploadNote["result"] = { path: "/a", size: 5, hash: "h" },
  atMs = 10,
): UploadNote {
  return { id, account: "alice", text: `text of ${id}`, result, atMs };
}
