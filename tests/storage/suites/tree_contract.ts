/** Contract of engines' trees: engine_test.ts runs it against each. */
import { ALL } from "../../support/pages.ts";
import { link, share } from "./catalog_samples.ts";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { arrivals } from "../../../storage/contract/arrivals.ts";
import { assertErrorLike } from "../../support/errors.ts";
import type { Condition } from "../../../storage/contract/condition.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { compareCodePoints } from "../../../storage/contract/path.ts";
import type { NamesPage, NamesQuery } from "../../../storage/contract/tree.ts";
import {
  append,
  bytesOf,
  type HoldsEngine,
  newUpload,
  publish,
  sha256,
  spot,
  store,
  textOf,
} from "./engine_samples.ts";

const REFUSES: Condition = {
  check() {
    throw new StoreError("changed", "It is another one");
  },
  pins: false,
};

export function treeContract(holds: HoldsEngine): void {
  holds(
    "a published upload is a file with its record, its time and its content",
    async (engine) => {
      const { tree } = engine;
      const committed = await store(engine, "/f.txt", "text", { mode: 0o640 });
      assertEquals([committed.path, committed.version, committed.size], ["/f.txt", 1, 4]);
      const found = await tree.look("alice", "/f.txt");
      assertEquals(found?.record?.hash, sha256(bytesOf("text")));
      assertEquals(found?.entry.mtimeMs, 1_700_000_000_000);
      assertEquals(await textOf(await tree.open("alice", "/f.txt")), "text");
      assertEquals(await tree.mode("alice", "/f.txt"), 0o640);
      assertEquals((await engine.catalog.usage("alice")).usedBytes, 4);
      assertEquals(await tree.look("bob", "/f.txt"), undefined);
    },
  );

  holds(
    "a name that is taken: the next version, a replacement, both or a refusal",
    async (engine) => {
      const { tree } = engine;
      await store(engine, "/f.txt", "one");
      assertEquals((await store(engine, "/f.txt", "two")).path, "/f_v2.txt");
      await store(engine, "/f.txt", "three", { ifExists: "overwrite" });
      assertEquals(await textOf(await tree.open("alice", "/f.txt")), "three");
      await store(engine, "/f.txt", "four", { ifExists: "keep" });
      assertEquals(await textOf(await tree.open("alice", "/f.txt")), "four");
      assertEquals(await textOf(await tree.open("alice", "/f_v3.txt")), "three");
      assertErrorLike(
        await assertRejects(() => store(engine, "/f.txt", "five", { ifExists: "fail" })),
        {
          kind: "exists",
        },
      );
      assertEquals((await engine.catalog.usage("alice")).usedBytes, 3 + 4 + 5);
    },
  );

  holds("of many uploads to one name at once each gets a version of its own", async (engine) => {
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`);
    const stored = await Promise.all(texts.map((text) => store(engine, "/f", text)));
    const versions = stored.map(({ version }) => version).sort((a, b) => a - b);
    assertEquals(versions, texts.map((_, index) => index + 1));
    for (const [index, { path }] of stored.entries()) {
      assertStrictEquals(await textOf(await engine.tree.open("alice", path)), texts[index]);
    }
  });

  holds(
    "a file that another engine had before keeps the time at which it was stored",
    async (engine) => {
      const part = await engine.parts.begin(newUpload("/f", { ifExists: "overwrite" }));
      await append(part, "text");
      const content = { size: 4, hash: sha256(bytesOf("text")), occupied: false };
      const stored = await engine.tree.publish({ part, ...content, key: "a key", storedMs: 5 });
      assertEquals([stored.path, stored.storedMs], ["/f", 5]);
      const { record } = (await engine.tree.look("alice", "/f"))!;
      assertEquals([record!.storedMs, record!.tag], [5, "a key"]);
    },
  );

  holds("publish() refuses content that was changed, and leaves the upload", async (engine) => {
    await store(engine, "/f", "one");
    const part = await engine.parts.begin(newUpload("/f", { ifExists: "overwrite" }));
    const { record } = part;
    await part.keep();
    await append(part, "two");
    const publication = { part, size: 3, hash: sha256(bytesOf("two")), occupied: true };
    assertErrorLike(
      await assertRejects(() => engine.tree.publish({ ...publication, condition: REFUSES })),
      {
        kind: "changed",
      },
    );
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), "one");
    await publish(engine, part, "two");
    assertEquals(await textOf(await engine.tree.open("alice", "/f")), "two");
    assertEquals(await engine.parts.get(record.id), undefined);
  });

  holds("removals and renames name the number that they took when they began", async (engine) => {
    const { tree } = engine;
    await store(engine, "/f", "f");
    await tree.makeDirectory("alice", "/d");
    await tree.makeDirectory("alice", "/e");
    const changes = [
      () => tree.rename(spot("/f"), spot("/g"), { replace: false }),
      () => tree.remove(spot("/g")),
      () => tree.removeDirectory(spot("/d")),
      () => tree.removeDirectory(spot("/e"), { recursive: true, proceed: async () => {} }),
    ];
    for (const change of changes) {
      const { last } = arrivals;
      const { arrival } = await change();
      assert(arrival !== undefined && arrival > last && arrival <= arrivals.last);
    }
  });

  holds(
    "an upload replaces nothing that arrived after it, and brings nothing back",
    async (engine) => {
      const begin = async (ifExists: "overwrite" | "keep") => {
        const part = await engine.parts.begin(newUpload("/f", { ifExists }));
        await append(part, "late");
        const hash = sha256(bytesOf("late"));
        return { part, size: 4, hash, occupied: true, arrival: arrivals.next() };
      };
      const at = (path: string) => ({ owner: "alice", path, shown: path });
      const contentOf = async (path: string) => await textOf(await engine.tree.open("alice", path));
      const arrive = async (path: string, text: string) => {
        const part = await engine.parts.begin(newUpload(path, { ifExists: "overwrite" }));
        await append(part, text);
        const content = { size: text.length, hash: sha256(bytesOf(text)), occupied: undefined };
        await engine.tree.publish({ part, ...content, arrival: arrivals.next() });
      };
      await arrive("/f", "old");
      const replaced = await begin("overwrite");
      await arrive("/f", "newer");
      assertEquals((await engine.tree.publish(replaced)).hash, replaced.hash);
      assertEquals(await contentOf("/f"), "newer");
      const renamed = await begin("overwrite");
      await arrive("/g", "moved");
      await engine.tree.rename(at("/g"), at("/f"), { replace: true });
      await engine.tree.publish(renamed);
      assertEquals(await contentOf("/f"), "moved");
      const kept = await begin("keep");
      await arrive("/f", "newest");
      assertEquals((await engine.tree.publish(kept)).path, "/f_v2");
      assertEquals(await contentOf("/f"), "newest");
      assertEquals(await contentOf("/f_v2"), "late");
      const removed = await begin("overwrite");
      await engine.tree.remove(at("/f"));
      await engine.tree.publish(removed);
      assertEquals(await engine.tree.stat("alice", "/f"), undefined);
      await engine.tree.publish(await begin("overwrite"));
      assertEquals(await contentOf("/f"), "late");
      assertEquals((await engine.catalog.usage("alice")).reservedBytes, 0);
    },
  );

  holds("an upload that came with a key is found by it when it is sent again", async (engine) => {
    const part = await engine.parts.begin(newUpload("/f"));
    await append(part, "text");
    const hash = sha256(bytesOf("text"));
    await engine.tree.publish({ part, size: 4, hash, key: "k1", occupied: undefined });
    assertEquals((await engine.tree.stored("alice", "/f", "k1", hash))?.path, "/f");
    assertEquals(await engine.tree.stored("alice", "/f", "k2", hash), undefined);
    assertEquals(await engine.tree.stored("alice", "/f", "k1", sha256(bytesOf("x"))), undefined);
  });

  holds("names come in pages, by code points or in any order, each once", async (engine) => {
    const { tree } = engine;
    await tree.makeDirectory("alice", "/d");
    const directories = ["a", "b.d", "\u{10000}"];
    const files = ["a b", "a.txt", "b", "b_v2", "\uffee", "z"];
    for (const name of directories) await tree.makeDirectory("alice", `/d/${name}`);
    for (const name of files.toReversed()) await store(engine, `/d/${name}`, name);
    const inOrder = ["a", "a b", "a.txt", "b", "b.d", "b_v2", "z", "\uffee", "\u{10000}"];
    const read = async (query: Omit<NamesQuery, "after">, after?: string) => {
      const pages: string[][] = [];
      let page: NamesPage | undefined;
      do {
        page = await tree.names("alice", "/d", { ...query, after: page ?? after });
        assertEquals(page.directories.filter((name) => !directories.includes(name)), []);
        assertEquals(page.files.filter((name) => !files.includes(name)), []);
        pages.push(page.directories.concat(page.files));
      } while (page.more);
      return pages;
    };
    for (const limit of [1, 2, 4, 100]) {
      const pages = await read({ limit });
      assertEquals(pages.map(({ length }) => length > limit).includes(true), false);
      assertEquals(pages.flatMap((page) => page.toSorted(compareCodePoints)), inOrder);
      const any = await read({ limit, anyOrder: true });
      assertEquals(any.flat().toSorted(compareCodePoints), inOrder);
      const after = await read({ limit }, "a.txt");
      assertEquals(after.flatMap((page) => page.toSorted(compareCodePoints)), inOrder.slice(3));
      assertEquals((await read({ limit, prefix: "b" })).flat().sort(), ["b", "b.d", "b_v2"]);
    }
    assertEquals(await read({ limit: 5 }, "b/"), [["\u{10000}", "b_v2", "z", "\uffee"]]);
    const page = await tree.names("alice", "/d", { limit: 4 });
    await tree.remove(spot("/d/a b"));
    await tree.remove(spot("/d/b"));
    const { files: rest } = await tree.names("alice", "/d", { limit: 9, after: page });
    assertEquals(rest, ["b_v2", "z", "\uffee"]);
    assertErrorLike(await assertRejects(() => tree.names("alice", "/none", { limit: 1 })), {
      kind: "not-found",
    });
    assertErrorLike(await assertRejects(() => tree.names("alice", "/d/z", { limit: 1 })), {
      kind: "not-directory",
    });
  });

  holds(
    "directories are made, listed, and removed empty or with all that is in them",
    async (engine) => {
      const { tree } = engine;
      await tree.makeDirectory("alice", "/d");
      assertErrorLike(await assertRejects(() => tree.makeDirectory("alice", "/d")), {
        kind: "exists",
      });
      assertErrorLike(await assertRejects(() => tree.makeDirectory("alice", "/x/y")), {
        kind: "not-found",
      });
      await tree.makeDirectory("alice", "/d/sub");
      await store(engine, "/d/b", "b");
      await store(engine, "/d/a", "aa", { mode: 0o600 });
      const children = await tree.names("alice", "/d", { limit: 9 });
      assertEquals([children.directories, children.files.toSorted()], [["sub"], ["a", "b"]]);
      const listed = await tree.list("alice", "/d", ["a", "sub", "none"]);
      assertEquals(listed.map(({ entry, record, mode }) => [entry.name, record?.size, mode]), [
        ["a", 2, 0o600],
        ["sub", undefined, undefined],
      ]);
      assertEquals((await tree.entries("alice", "/d", ["b"])).map(({ size }) => size), [1]);
      assertErrorLike(await assertRejects(() => tree.removeDirectory(spot("/d"))), {
        kind: "not-empty",
      });
      assertErrorLike(await assertRejects(() => tree.removeDirectory(spot("/"))), {
        kind: "denied",
      });
      await tree.removeDirectory(spot("/d/sub"));
      await tree.removeDirectory(spot("/d"), { recursive: true });
      assertEquals(await tree.stat("alice", "/d"), undefined);
      assertEquals((await engine.catalog.usage("alice")).usedBytes, 0);
    },
  );

  holds("remove() takes the file and its bytes, unless its condition refuses", async (engine) => {
    const { tree } = engine;
    await store(engine, "/f", "text");
    assertErrorLike(await assertRejects(() => tree.remove(spot("/f"), REFUSES)), {
      kind: "changed",
    });
    const open = await tree.open("alice", "/f");
    await tree.remove(spot("/f"));
    assertEquals(await tree.look("alice", "/f"), undefined);
    assertEquals(await textOf(open), "text");
    assertEquals((await engine.catalog.usage("alice")).usedBytes, 0);
    assertErrorLike(await assertRejects(() => tree.remove(spot("/f"))), { kind: "not-found" });
  });

  holds("shares and links follow a rename, and end with their file", async (engine) => {
    const { tree, catalog: { shares, links } } = engine;
    for (const path of ["/d", "/d/sub", "/d 2"]) await tree.makeDirectory("alice", path);
    for (const path of ["/d/f", "/old", "/new"]) await store(engine, path, path);
    for (const path of ["/d", "/d/f", "/d 2", "/old", "/new"]) {
      assert(await shares.put(share(path, { path }), 1));
      assert(await links.add(link(path, { path }), 1));
    }
    const paths = async () => {
      const shared = (await shares.by("alice", ALL)).map(({ path, id }) => `${path} ${id}`);
      const linked = (await links.of("alice", ALL)).map(({ path, id }) => `${path} ${id}`);
      assertEquals(linked.sort(), shared.sort());
      return shared.sort();
    };
    await tree.rename(spot("/d"), spot("/e"), { replace: false });
    await tree.rename(spot("/old"), spot("/new"), { replace: true });
    assertEquals(await paths(), ["/d 2 /d 2", "/e /d", "/e/f /d/f", "/new /old"]);
    assertEquals((await tree.remove(spot("/new"))).shares, true);
    assertEquals(await paths(), ["/d 2 /d 2", "/e /d", "/e/f /d/f"]);
    await tree.removeDirectory(spot("/e"), { recursive: true });
    assertEquals(await paths(), ["/d 2 /d 2"]);
  });

  holds(
    "rename() takes records, modes and shares along, and replaces only a file",
    async (engine) => {
      const { tree, catalog } = engine;
      await tree.makeDirectory("alice", "/d");
      await store(engine, "/d/f", "text", { mode: 0o644 });
      const share = {
        id: "s1",
        owner: "alice",
        path: "/d",
        guest: "bob",
        letters: "r",
        directory: true,
        createdMs: 1,
        expiresMs: null,
      };
      assert(await catalog.shares.put(share, 1));
      const moved = await tree.rename(spot("/d"), spot("/e"), { replace: false });
      assertEquals(moved.shares, true);
      assertEquals((await tree.look("alice", "/e/f"))?.record?.hash, sha256(bytesOf("text")));
      assertEquals(await tree.mode("alice", "/e/f"), 0o644);
      assertEquals((await catalog.shares.get("s1"))?.path, "/e");
      await store(engine, "/g", "other");
      const [from, to] = [spot("/e/f"), spot("/g")];
      assertErrorLike(await assertRejects(() => tree.rename(from, to, { replace: false })), {
        kind: "exists",
      });
      assertErrorLike(await assertRejects(() => tree.rename(from, spot("/e"), { replace: true })), {
        kind: "exists",
      });
      assertEquals((await tree.rename(from, to, { replace: true })).shares, false);
      assertEquals(await textOf(await tree.open("alice", "/g")), "text");
      assertEquals((await catalog.usage("alice")).usedBytes, 4);
      const into = tree.rename(spot("/e"), spot("/e/x"), { replace: false });
      assertErrorLike(await assertRejects(() => into), { kind: "bad-request" });
    },
  );

  holds("a new time and noted damage leave the checksum known", async (engine) => {
    const { tree } = engine;
    await store(engine, "/f", "text");
    assertEquals(await tree.retime(spot("/f"), 1_600_000_000_000), 1_600_000_000_000);
    const { record } = await tree.know("alice", "/f");
    assertEquals([record.mtimeMs, record.damaged], [1_600_000_000_000, false]);
    await tree.noteDamage("alice", "/f", record, true);
    assertEquals((await tree.know("alice", "/f")).record.damaged, true);
    await tree.setMode(spot("/f"), 0o400);
    assertEquals(await tree.mode("alice", "/f"), 0o400);
  });

  holds(
    "while a path is held another worker renames and removes nothing there",
    async (engine, another) => {
      await store(engine, "/f", "text");
      const other = await another();
      let held = true;
      let removal: Promise<unknown> | undefined;
      await engine.tree.hold(spot("/f"), async ({ entry }) => {
        assertEquals(entry.name, "f");
        removal = other.tree.remove(spot("/f")).then(() => assertEquals(held, false));
        for (let i = 0; i < 5; i++) await other.tree.stat("alice", "/f");
        assertNotEquals(await engine.tree.stat("alice", "/f"), undefined);
        held = false;
      });
      await removal;
      assertEquals(await engine.tree.stat("alice", "/f"), undefined);
      assertErrorLike(
        await assertRejects(() => engine.tree.hold(spot("/f"), () => Promise.resolve())),
        {
          kind: "not-found",
        },
      );
    },
  );
}
