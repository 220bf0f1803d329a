import { assertEquals } from "@std/assert";
import type { DiskCatalog, FileRecord } from "../../../storage/disk/interfaces/disk_catalog.ts";
import {
  account,
  file,
  type Holds,
  intent,
  moveOf,
  recorded,
  store,
  upload,
} from "./catalog_samples.ts";

const BIG = 2 ** 53 - 1;

export function fileContract(holds: Holds): void {
  holds("file() returns the noted record", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const record = file(BIG, { mtimeMs: -1, storedMs: BIG, damaged: true });
    await catalog.noteFile("alice", "/a/b.txt", record);
    assertEquals(await catalog.file("alice", "/a/b.txt"), record);
    assertEquals(await catalog.file("alice", "/a/B.txt"), undefined);
    assertEquals(await catalog.file("alice", "/a"), undefined);
    assertEquals(await catalog.file("bob", "/a/b.txt"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: BIG, reservedBytes: 0 });
  });

  holds(
    "storedUpload() finds the file or version that an upload became, by its tag",
    async (catalog) => {
      for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
      const tagged = (tag: string) => file(1, { tag });
      await catalog.noteFile("alice", "/d/a.txt", file(1));
      await catalog.noteFile("alice", "/d/a_v2.txt", tagged("k"));
      await catalog.noteFile("alice", "/d/a_v10.txt", tagged("l"));
      await catalog.noteFile("alice", "/d/b.txt", tagged("m"));
      for (const path of ["/d/a_w.txt", "/d/ab.txt", "/e/a_v3.txt"]) {
        await catalog.noteFile("alice", path, tagged("other"));
      }
      const found = async (path: string, tag: string) =>
        (await catalog.storedUpload("alice", path, tag))?.path;
      assertEquals(await found("/d/a.txt", "k"), "/d/a_v2.txt");
      assertEquals(await found("/d/a.txt", "l"), "/d/a_v10.txt");
      assertEquals(await found("/d/b.txt", "m"), "/d/b.txt");
      assertEquals(await catalog.file("alice", "/d/b.txt"), tagged("m"));
      for (const tag of ["m", "other"]) assertEquals(await found("/d/a.txt", tag), undefined);
      assertEquals(await found("/d/none.txt", "k"), undefined);
      assertEquals(await catalog.storedUpload("bob", "/d/b.txt", "m"), undefined);
      // Replaced by what has no tag, or another one.
      await catalog.noteFile("alice", "/d/b.txt", file(1));
      assertEquals(await found("/d/b.txt", "m"), undefined);
      // It is there when what was begun is finished after a restart.
      await catalog.beginCommits([intent("/d/n", 1, { file: tagged("n") })]);
      assertEquals((await catalog.commitIntents("alice"))[0]!.file, tagged("n"));
      await catalog.finishCommits(await catalog.commitIntents("alice"));
      assertEquals(await found("/d/n", "n"), "/d/n");
    },
  );

  holds("permission bits follow their file or directory, and end with it", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const { modes } = catalog;
    for (const path of ["/d", "/d/a", "/d!", "/d/e/b", "/f"]) await modes.set("alice", path, 0o600);
    await modes.set("alice", "/d/a", 0o755);
    assertEquals(await modes.get("alice", "/d/a"), 0o755);
    assertEquals(await modes.get("bob", "/d/a"), undefined);
    assertEquals([...(await modes.in("alice", "/d", ["a", "none"]))], [["a", 0o755]]);
    const move = moveOf("/d", "/n/d");
    await catalog.beginMove(move);
    await catalog.endMove(move, true);
    assertEquals(await modes.get("alice", "/n/d"), 0o600);
    assertEquals(await modes.get("alice", "/n/d/e/b"), 0o600);
    assertEquals([...(await modes.in("alice", "/", ["d!", "f"]))].sort(), [["d!", 0o600], [
      "f",
      0o600,
    ]]);
    await catalog.forget("alice", "/n/d");
    assertEquals(await modes.get("alice", "/n/d/a"), undefined);
    assertEquals(await modes.get("alice", "/d!"), 0o600);
    await catalog.removeAccount("alice");
    await catalog.addAccount(account("alice"));
    assertEquals(await modes.get("alice", "/f"), undefined);
  });

  holds("spellings of names follow their file or directory, and end with it", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const { spellings } = catalog;
    for (const path of ["/a/\u7965", "/b"]) await spellings.set("alice", path, "\ufa1a");
    assertEquals([...(await spellings.in("alice", "/a", ["\u7965"]))], [["\u7965", "\ufa1a"]]);
    const move = moveOf("/a", "/n");
    await catalog.beginMove(move);
    await catalog.endMove(move, true);
    assertEquals(await spellings.get("alice", "/n/\u7965"), "\ufa1a");
    await catalog.forget("alice", "/n");
    assertEquals(await spellings.get("alice", "/n/\u7965"), undefined);
    assertEquals(await spellings.get("alice", "/b"), "\ufa1a");
    await catalog.removeAccount("alice");
    await catalog.addAccount(account("alice"));
    assertEquals(await spellings.get("alice", "/b"), undefined);
  });

  holds("noteFile() counts the difference to the known record", async (catalog) => {
    await catalog.addAccount(account("alice", { quotaBytes: 1 }));
    await catalog.noteFile("alice", "/a", file(10));
    await catalog.noteFile("alice", "/a", file(4, { hash: "cd".repeat(32) }));
    assertEquals(await catalog.usage("alice"), { usedBytes: 4, reservedBytes: 0 });
    assertEquals((await catalog.file("alice", "/a"))!.hash, "cd".repeat(32));
  });

  holds(
    "retime() changes the time of the record it names, and of nothing else",
    async (catalog) => {
      await catalog.addAccount(account("alice"));
      const before = file(7, { damaged: true });
      await catalog.noteFile("alice", "/d/a", before);
      const { mtimeMs } = before;
      for (const other of [{ size: 8, mtimeMs }, { size: 7, mtimeMs: mtimeMs + 1 }]) {
        assertEquals(await catalog.retime("alice", "/d/a", other, 5), false);
      }
      assertEquals(await catalog.retime("alice", "/d", before, 5), false);
      assertEquals(await catalog.retime("bob", "/d/a", before, 5), false);
      assertEquals(await catalog.file("alice", "/d/a"), before);
      assertEquals(await catalog.retime("alice", "/d/a", before, -5), true);
      assertEquals(await catalog.file("alice", "/d/a"), { ...before, mtimeMs: -5 });
      assertEquals(await catalog.retime("alice", "/d/a", before, 6), false);
      assertEquals(await catalog.usage("alice"), { usedBytes: 7, reservedBytes: 0 });
    },
  );

  holds("a record that was returned can be changed without harm", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteFile("alice", "/a", file(1));
    (await catalog.file("alice", "/a"))!.size = 99;
    (await catalog.account("alice"))!.letters = "t";
    assertEquals(await catalog.file("alice", "/a"), file(1));
    assertEquals((await catalog.account("alice"))!.letters, "rwcd");
  });

  holds("filesIn() gives the files directly in a directory", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const paths = ["/x", "/a/x", "/a/y", "/a/b/z", "/a b/x", "/ab/x", "/a0/x", "/a./x"];
    for (const [size, path] of paths.entries()) await catalog.noteFile("alice", path, file(size));
    assertEquals(
      await catalog.filesIn("alice", "/a"),
      new Map([["x", file(1)], ["y", file(2)]]),
    );
    assertEquals([...(await catalog.filesIn("alice", "/")).keys()], ["x"]);
    assertEquals([...(await catalog.filesIn("alice", "/a/b")).keys()], ["z"]);
    assertEquals((await catalog.filesIn("alice", "/none")).size, 0);
    assertEquals((await catalog.filesIn("bob", "/")).size, 0);
  });

  holds("knownFiles() gives all files in pages", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    const paths = ["/a", "/b", "/a/b/z", "/a/x", "/a/y", "/a b/x", "/a\u{10000}/x", "/a\uffee/x"];
    for (const [size, path] of paths.entries()) await catalog.noteFile("alice", path, file(size));
    await catalog.noteFile("bob", "/other", file(1));
    const found: [string, FileRecord][] = [];
    for (let more = true; more;) {
      const page = await catalog.knownFiles("alice", found.at(-1)?.[0], 3);
      found.push(...page);
      more = page.size === 3;
    }
    // Directories in the order of code points: "/", "/a", "/a b", "/a/b", then those beyond ASCII.
    const order = ["/a", "/b", "/a/x", "/a/y", "/a b/x", "/a/b/z", "/a\uffee/x", "/a\u{10000}/x"];
    assertEquals(found, order.map((path) => [path, file(paths.indexOf(path))]));
  });

  holds("names differ by every character: case, accents, signs of patterns", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const names = ["a", "A", "ä", "a\u0308", "ß", "ss", "%", "_", "*", "😀", "\uffee", "it's", '"'];
    for (const [size, name] of names.entries()) {
      await catalog.noteFile("alice", `/${name}/${name}`, file(size));
    }
    for (const [size, name] of names.entries()) {
      assertEquals(
        await catalog.filesIn("alice", `/${name}`),
        new Map([[name, file(size)]]),
        name,
      );
    }
    await catalog.forget("alice", "/%");
    await catalog.forget("alice", "/_");
    assertEquals((await catalog.usage("alice")).usedBytes, 78 - 6 - 7);
  });

  holds("forget() takes a directory with all below it and nothing beside it", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.addAccount(account("bob"));
    const beside = ["/a b/x", "/a./x", "/a0/x", "/aa/x", "/A/x", "/b/a/x"];
    const below = ["/a/x", "/a/b/x", "/a/b/c/😀", "/a/\uffee/x"];
    for (const path of [...beside, ...below]) await catalog.noteFile("alice", path, file(2));
    await catalog.noteFile("bob", "/a/x", file(2));
    await catalog.forget("alice", "/a");
    for (const path of below) assertEquals(await catalog.file("alice", path), undefined, path);
    for (const path of beside) assertEquals(await catalog.file("alice", path), file(2), path);
    assertEquals(await catalog.usage("alice"), { usedBytes: 12, reservedBytes: 0 });
    assertEquals(await catalog.file("bob", "/a/x"), file(2));
  });

  holds("forget() takes a file, an unknown path, and the whole tree", async (catalog) => {
    await catalog.addAccount(account("alice"));
    for (const path of ["/a", "/ab", "/b/c"]) await catalog.noteFile("alice", path, file(2));
    await catalog.forget("alice", "/a");
    await catalog.forget("alice", "/none");
    await catalog.forget("missing", "/ab");
    assertEquals(await recorded(catalog, "alice", ["/", "/b"]), ["/ab", "/b/c"]);
    await catalog.forget("alice", "/");
    assertEquals(await recorded(catalog, "alice", ["/", "/b"]), []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds(
    "forgetSome() takes so many files at and below a path, and counts them",
    async (catalog) => {
      await catalog.addAccount(account("alice"));
      const beside = ["/a b/x", "/a0/x", "/aa", "/A/x"];
      const below = ["/a/x", "/a/b/x", "/a/b/y", "/a/z", "/a/ä/x"];
      for (const path of [...beside, ...below]) await catalog.noteFile("alice", path, file(2));
      const left = async () =>
        (await Promise.all(below.map((path) => catalog.file("alice", path))))
          .filter((record) => record !== undefined).length;
      assertEquals(await catalog.forgetSome("alice", "/a", 2), true);
      assertEquals(await left(), 3);
      assertEquals(await catalog.usage("alice"), { usedBytes: 14, reservedBytes: 0 });
      assertEquals(await catalog.forgetSome("alice", "/a", 4), false);
      assertEquals(await left(), 0);
      for (const path of beside) assertEquals(await catalog.file("alice", path), file(2), path);
      assertEquals(await catalog.forgetSome("alice", "/", 10), false);
      assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
    },
  );

  holds("endMove() brings a tree's records along and none beside it", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const before = ["/a/x", "/a/b/y", "/a/ä/😀", "/a b/x", "/ab/x", "/a0/x", "/x/a/b"];
    for (const path of before) await catalog.noteFile("alice", path, file(2));
    await move(catalog, "/a", "/new ü/place");
    assertEquals(
      await recorded(catalog, "alice", [
        ...["/a", "/a/b", "/a/ä", "/a b", "/ab", "/a0", "/x/a"],
        ...["/new ü/place", "/new ü/place/b", "/new ü/place/ä"],
      ]),
      [
        ...["/a b/x", "/a0/x", "/ab/x"],
        ...["/new ü/place/b/y", "/new ü/place/x", "/new ü/place/ä/😀", "/x/a/b"],
      ],
    );
    assertEquals(await catalog.usage("alice"), { usedBytes: 14, reservedBytes: 0 });
  });

  holds(
    "endMove() of a directory brings the unfinished uploads below it along",
    async (catalog) => {
      for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
      const below = { path: "/a/ä/f", shownPath: "/shared/alice/a/ä/f", account: "bob" };
      await catalog.addUpload(upload("guest", below));
      for (const path of ["/a/f", "/a", "/ab/f"]) {
        await catalog.addUpload(upload(path, { path, shownPath: path }));
      }
      await move(catalog, "/a", "/ü/new");
      const paths = async (id: string) => {
        const { path, shownPath } = (await catalog.upload(id))!;
        return [path, shownPath];
      };
      assertEquals(await paths("guest"), ["/ü/new/ä/f", "/shared/alice/ü/new/ä/f"]);
      assertEquals(await paths("/a/f"), ["/ü/new/f", "/ü/new/f"]);
      // An upload to the name itself makes it again.
      for (const path of ["/a", "/ab/f"]) assertEquals(await paths(path), [path, path]);
    },
  );

  holds("endMove() moves between prefixes of one another", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteFile("alice", "/a/b/c/x", file(1));
    await move(catalog, "/a/b", "/a/bb");
    await move(catalog, "/a/bb/c", "/a/b");
    await move(catalog, "/a", "/ä");
    await move(catalog, "/ä/b", "/b");
    assertEquals(await catalog.filesIn("alice", "/b"), new Map([["x", file(1)]]));
  });

  holds("endMove() of a file replaces the record of its new name", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteFile("alice", "/a", file(3));
    await catalog.noteFile("alice", "/b", file(50));
    await move(catalog, "/a", "/b");
    assertEquals(await catalog.file("alice", "/a"), undefined);
    assertEquals(await catalog.file("alice", "/b"), file(3));
    assertEquals(await catalog.usage("alice"), { usedBytes: 3, reservedBytes: 0 });
    // A file that nothing is known of takes the place of one that is known.
    await move(catalog, "/by hand", "/b");
    assertEquals(await catalog.file("alice", "/b"), undefined);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  });

  holds(
    "moveSome() lets so many records follow, and endMove() the others",
    async (catalog, reopen) => {
      await catalog.addAccount(account("alice"));
      const below = ["/a/x", "/a/b/x", "/a/b/y", "/a/z", "/a/ä/x"];
      const beside = ["/a b/x", "/a0/x", "/aa"];
      for (const path of [...below, ...beside]) await catalog.noteFile("alice", path, file(2));
      for (const path of below) await catalog.modes.set("alice", path, 0o640);
      await catalog.noteFile("alice", "/new/stale", file(100));
      const moving = moveOf("/a", "/new");
      assertEquals(await catalog.moveSome(moving, 2), false, "nothing was begun");
      await catalog.beginMove(moving);
      const inPlace = async (catalog: DiskCatalog, top: string) => {
        const paths = below.map((path) => top + path.slice(2));
        return (await Promise.all(paths.map((path) => catalog.file("alice", path))))
          .filter((record) => record !== undefined).length;
      };
      assertEquals(await catalog.moveSome(moving, 2), true);
      assertEquals([await inPlace(catalog, "/a"), await inPlace(catalog, "/new")], [3, 2]);
      assertEquals(await catalog.file("alice", "/new/stale"), undefined);
      assertEquals(await catalog.usage("alice"), { usedBytes: 16, reservedBytes: 0 });
      const again = await reopen(); // killed meanwhile
      assertEquals(await again.moveIntents(), [moving]);
      await again.endMove(moving, true);
      assertEquals([await inPlace(again, "/a"), await inPlace(again, "/new")], [0, 5]);
      for (const path of beside) assertEquals(await again.file("alice", path), file(2), path);
      for (const path of below) {
        assertEquals(await again.modes.get("alice", path), undefined);
        assertEquals(await again.modes.get("alice", `/new${path.slice(2)}`), 0o640);
      }
      assertEquals(await again.moveIntents(), []);
      assertEquals(await again.usage("alice"), { usedBytes: 16, reservedBytes: 0 });
    },
  );

  holds("endMove() counts once, however often it is repeated", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteFile("alice", "/a", file(3));
    await move(catalog, "/a", "/b");
    await catalog.endMove(moveOf("/a", "/b"), true);
    assertEquals(await catalog.file("alice", "/b"), file(3));
    await catalog.beginMove(moveOf("/b", "/b"));
    await catalog.endMove(moveOf("/b", "/b"), true);
    assertEquals(await catalog.file("alice", "/b"), file(3));
    assertEquals(await catalog.usage("alice"), { usedBytes: 3, reservedBytes: 0 });
  });

  holds("endMove() that was not done leaves the records where they were", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteFile("alice", "/a", file(3));
    const intended = moveOf("/a", "/b");
    await catalog.beginMove(intended);
    await catalog.beginMove(intended);
    assertEquals(await catalog.moveIntents(), [intended]);
    await catalog.endMove(intended, false);
    assertEquals(await catalog.moveIntents(), []);
    assertEquals(await catalog.file("alice", "/a"), file(3));
  });

  holds("files published into a moved tree are counted once", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await store(catalog, intent("/a/x", 3));
    await move(catalog, "/a", "/b");
    await store(catalog, intent("/a/x", 4));
    await move(catalog, "/a/x", "/b/x");
    assertEquals(await catalog.usage("alice"), { usedBytes: 4, reservedBytes: 0 });
  });

  async function move(
    catalog: Parameters<typeof recorded>[0],
    from: string,
    to: string,
  ): Promise<void> {
    await catalog.beginMove(moveOf(from, to));
    await catalog.endMove(moveOf(from, to), true);
  }
}
