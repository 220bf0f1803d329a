import { delay } from "@std/async";
import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { knownContent } from "../../../storage/disk/commit/known_content.ts";
import { LocalStore } from "../../../storage/disk/files/local_store.ts";
import { contentOf, fails, makePart, putFile, readAll, seen } from "../suites/store_samples.ts";

interface Places {
  root: string;
  /** The account's tree on disk. */
  tree: string;
  /** A directory of no account, with the file `secret`. */
  outside: string;
}

function test(sentence: string, body: (store: LocalStore, places: Places) => Promise<void>) {
  Deno.test(`LocalStore: ${sentence}`, async () => {
    const base = await Deno.makeTempDir();
    const [root, outside] = [`${base}/data`, `${base}/outside`];
    for (const directory of [root, outside]) await Deno.mkdir(directory);
    await Deno.writeTextFile(`${outside}/secret`, "secret");
    try {
      const store = new LocalStore(root, { durability: "relaxed" });
      await store.addAccount("alice");
      await body(store, { root, outside, tree: `${root}/users/a/alice/files` });
      assertEquals([...Deno.readDirSync(outside)].map(({ name }) => name), ["secret"]);
      assertEquals(await Deno.readTextFile(`${outside}/secret`), "secret");
    } finally {
      await Deno.remove(base, { recursive: true });
    }
  });
}

test("directories are 700 and files 600, whatever the umask", async (store, { root }) => {
  const umask = Deno.umask(0);
  try {
    await store.addAccount("al");
    await store.makeDirectory("al", "/d");
    await putFile(store, "/d/a", "1", "al");
    await putFile(store, "/d/a", "2", "al");
    await makePart(store, "p1", "3", "al");
    await store.saveCheckpoint("al", "p1", "{}", { durable: true });
    await makePart(store, "p2", "3", "al");
    await store.setPartAside("al", "p2");
    await store.addAccount("gone");
    await store.removeAccount("gone", { keepAside: true });
  } finally {
    Deno.umask(umask);
  }
  const modes = new Map<string, string>();
  walk(root, (path, info) => modes.set(path, (info.mode! & 0o777).toString(8)));
  assert(modes.size >= 15, [...modes.keys()].join("\n"));
  for (const [path, mode] of modes) {
    assertStrictEquals(mode, Deno.lstatSync(path).isDirectory ? "700" : "600", path);
  }
});

test("files lie where the data directory's layout says", async (store, { tree, root }) => {
  await store.makeDirectory("alice", "/d");
  await putFile(store, "/d/ä", "1");
  assertEquals(await Deno.readTextFile(`${tree}/d/ä`), "1");
  await makePart(store, "p1", "2");
  await store.saveCheckpoint("alice", "p1", "{}", { durable: true });
  assertEquals(await Deno.readTextFile(`${root}/users/a/alice/parts/p1.part`), "2");
  assertEquals(await Deno.readTextFile(`${root}/users/a/alice/parts/p1.json`), "{}");
});

test("a file that was put there by hand is served", async (store, { tree }) => {
  await Deno.writeTextFile(`${tree}/by hand`, "hello");
  assertEquals(await seen(store), ["/by hand 5 hello"]);
});

test("links are in no listing, and nothing is reached through them", async (store, places) => {
  const { tree, outside } = places;
  await putFile(store, "/real", "1");
  await store.makeDirectory("alice", "/d");
  await makePart(store, "p1", "new");
  const links = {
    "file": `${outside}/secret`,
    "directory": outside,
    "dangling": `${outside}/new`,
    "inside": `${tree}/real`,
    "loop": `${tree}/loop`,
    "relative": "../../../../../outside",
    "d/middle": outside,
  };
  for (const [name, target] of Object.entries(links)) Deno.symlinkSync(target, `${tree}/${name}`);
  assertEquals(await seen(store), ["/d", "/real 1 1"]);
  assertEquals((await store.names("alice", "/")).sort(), ["d", "real"]);
  assertEquals(await store.list("alice", "/", ["file", "directory", "dangling"]), []);

  for (const name of Object.keys(links)) {
    const link = `/${name}`;
    await fails("denied", () => store.stat("alice", link));
    await fails("denied", () => store.open("alice", link));
    await fails("denied", () => store.names("alice", link));
    await fails("denied", () => store.list("alice", link));
    await fails("denied", () => store.list("alice", link, ["secret"]));
    await fails("denied", () => store.setModified("alice", link, 1));
    await fails("denied", () => store.rename("alice", link, "/stolen", { replace: false }));
    await fails("not-directory", () => store.removeDirectory("alice", link));
    await fails("exists", () => store.makeDirectory("alice", link));
    await fails("exists", () => store.publish("alice", "p1", link, { replace: false }));
    await fails("denied", () => store.publish("alice", "p1", link, { replace: true }));
    await fails("exists", () => store.rename("alice", "/real", link, { replace: true }));
    await store.unpublish("alice", "p1", link);

    for (const below of [`${link}/secret`, `${link}/new`, `${link}/deep/er`]) {
      await fails("denied", () => store.stat("alice", below));
      await fails("denied", () => store.open("alice", below));
      await fails("denied", () => store.names("alice", below));
      await fails("denied", () => store.list("alice", below, ["secret"]));
      await fails("denied", () => store.makeDirectory("alice", below));
      await fails("denied", () => store.removeDirectory("alice", below));
      await fails("denied", () => store.remove("alice", below));
      await fails("denied", () => store.setModified("alice", below, 1));
      await fails("denied", () => store.publish("alice", "p1", below, { replace: false }));
      await fails("denied", () => store.publish("alice", "p1", below, { replace: true }));
      await fails("denied", () => store.rename("alice", below, "/stolen", { replace: true }));
      await fails("denied", () => store.rename("alice", "/real", below, { replace: true }));
    }
  }
  assertEquals(await seen(store), ["/d", "/real 1 1"]);
});

Deno.test("LocalStore: removeAll() syncs its directory once, however much it removes", async () => {
  const root = await Deno.makeTempDir();
  const prototype = Deno.FsFile.prototype;
  const { sync, syncSync } = prototype;
  try {
    const store = new LocalStore(root, { durability: "full" });
    await store.addAccount("alice");
    await store.makeDirectory("alice", "/d");
    const names = Array.from({ length: 300 }, (_, i) => `file ${i}`);
    for (const name of names) Deno.writeTextFileSync(`${root}/users/a/alice/files/d/${name}`, "");
    let syncs = 0;
    prototype.sync = function () {
      syncs++;
      return sync.call(this);
    };
    prototype.syncSync = function () {
      syncs++;
      syncSync.call(this);
    };
    await store.removeAll("alice", "/d", names);
    assertEquals(syncs, 1);
    assertEquals(await store.names("alice", "/d"), []);
  } finally {
    Object.assign(prototype, { sync, syncSync });
    await Deno.remove(root, { recursive: true });
  }
});

test("removing a link removes the link alone", async (store, { tree, outside }) => {
  Deno.symlinkSync(`${outside}/secret`, `${tree}/file`);
  Deno.symlinkSync(outside, `${tree}/directory`);
  for (const path of ["/file", "/directory"]) await store.remove("alice", path);
  assertEquals([...Deno.readDirSync(tree)], []);
});

test("removing an account does not follow links in its tree", async (store, { tree, outside }) => {
  Deno.symlinkSync(outside, `${tree}/directory`);
  await store.removeAccount("alice", { keepAside: false });
});

test("links in the place of parts and checkpoints are not followed", async (store, places) => {
  const parts = `${places.root}/users/a/alice/parts`;
  for (const name of ["p1.part", "p1.a.json.new", "p1.old", "p1.new", "p1.json"]) {
    Deno.symlinkSync(`${places.outside}/secret`, `${parts}/${name}`);
  }
  await fails("denied", () => store.openPart("alice", "p1"));
  await fails("exists", () => store.createPart("alice", "p1"));
  await store.saveCheckpoint("alice", "p1", "{}", { durable: true }).catch(() => {});
  assertNotEquals(await store.loadCheckpoint("alice", "p1").catch(() => ""), "secret");
  await store.removePart("alice", "p1");
  await store.listParts("alice", { tidy: "all" });
  assertEquals([...Deno.readDirSync(parts)], []);
});

test(
  "an entry that is neither file nor directory does not hang and is not listed",
  async (store, places) => {
    const { tree } = places;
    await makePart(store, "p1", "new");
    await new Deno.Command("mkfifo", { args: [`${tree}/odd`] }).output();
    using _socket = Deno.listen({ transport: "unix", path: `${tree}/socket` });
    for (const path of ["/odd", "/socket"]) {
      await fails("denied", () => store.stat("alice", path));
      await fails("denied", () => store.open("alice", path));
      await fails("denied", () => store.publish("alice", "p1", path, { replace: true }));
      await fails("denied", () => store.rename("alice", path, "/new", { replace: true }));
      await fails("exists", () => store.publish("alice", "p1", path, { replace: false }));
      await fails("not-directory", () => store.names("alice", path));
      await fails("not-directory", () => store.open("alice", `${path}/x`));
    }
    assertEquals(await seen(store), []);
  },
);

test("a device does not show", async (store, { tree }) => {
  const made = await new Deno.Command("mknod", { args: [`${tree}/zero`, "c", "1", "5"] }).output();
  if (!made.success) return; // only root can make one
  await fails("denied", () => store.open("alice", "/zero"));
  assertEquals(await seen(store), []);
});

test("a name that is too long is refused as a name", async (store) => {
  await makePart(store, "p1", "1");
  const path = `/${"x".repeat(256)}`;
  await fails("bad-name", () => store.publish("alice", "p1", path, { replace: false }));
  await fails("bad-name", () => store.makeDirectory("alice", path));
});

test("a link that was left by a publish cut short is not taken for it", async (store, { root }) => {
  await putFile(store, "/a", "old");
  await makePart(store, "p1", "new");
  const parts = `${root}/users/a/alice/parts`;
  // publish() with replace had linked what it needs, and had not renamed yet.
  Deno.linkSync(`${root}/users/a/alice/files/a`, `${parts}/p1.old`);
  Deno.linkSync(`${parts}/p1.part`, `${parts}/p1.new`);
  const again = new LocalStore(root, { durability: "relaxed" });
  assertEquals(await again.isPublished("alice", "p1"), false);
  await again.unpublish("alice", "p1", "/a");
  assertEquals([...Deno.readDirSync(parts)].map(({ name }) => name), ["p1.part"]);
  assertEquals(await seen(again), ["/a 3 old"]);
  await again.publish("alice", "p1", "/a", { replace: true });
  assertEquals(await contentOf(again, "/a"), "new");
});

test("a rename that was cut short between its steps can be repeated", async (store, { tree }) => {
  await putFile(store, "/a", "1");
  Deno.linkSync(`${tree}/a`, `${tree}/b`);
  await store.rename("alice", "/a", "/b", { replace: false });
  assertEquals(await seen(store), ["/b 1 1"]);
});

test("opening a file while links swap on its way never opens another", async (store, places) => {
  await store.makeDirectory("alice", "/d");
  await putFile(store, "/d/secret", "mine");
  await whileSwapping(places, async () => {
    const opened = await tries(5000, () => contentOf(store, "/d/secret"), "mine");
    assert(opened > 0);
  });
});

test("known content is never another's while links swap on its way", async (store, places) => {
  const { tree, outside } = places;
  await store.makeDirectory("alice", "/d");
  await putFile(store, "/d/secret", "minemy"); // as long as the other
  for (const place of [tree + "/d", outside]) Deno.utimeSync(`${place}/secret`, 1000, 1000);
  const hash = createHash("sha256").update("minemy").digest("hex");
  const record = { size: 6, mtimeMs: 1_000_000, hash, storedMs: 0, damaged: false };
  assert(await knownContent(store, "alice", "/d/secret", record));
  assertEquals(
    await knownContent(store, "alice", "/d/secret", { ...record, hash: hash.replace(/./, "x") }),
    undefined,
  );
  await whileSwapping(places, async () => {
    const read = async () => {
      const content = await knownContent(store, "alice", "/d/secret", record);
      return content && await readAll(content);
    };
    assert(await tries(5000, read, "minemy") > 0);
  });
});

/** Reads again and again; what is read has to be `expected`. @returns how often there was something */
async function tries(
  count: number,
  read: () => Promise<string | undefined>,
  expected: string,
): Promise<number> {
  let found = 0;
  for (let i = 0; i < count; i++) {
    try {
      const text = await read();
      if (text === undefined) continue;
      assertEquals(text, expected);
      found++;
    } catch (error) {
      if ((error as Error).name !== "StoreError") throw error;
    }
  }
  return found;
}

/** Does something while `/d` is exchanged for a link to the outside and back, all the time. */
async function whileSwapping(places: Places, work: () => Promise<void>): Promise<void> {
  const swapper = new Worker(new URL("./link_swapper.ts", import.meta.url), { type: "module" });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const next = () => new Promise((resolve) => swapper.onmessage = resolve);
  try {
    const swapping = next();
    swapper.postMessage({ directory: `${places.tree}/d`, outside: places.outside, stop });
    await swapping;
    await work();
  } finally {
    const stopped = next();
    Atomics.store(stop, 0, 1);
    await stopped;
    swapper.terminate();
  }
}

function walk(directory: string, visit: (path: string, info: Deno.FileInfo) => void): void {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    visit(path, Deno.lstatSync(path));
    if (isDirectory) walk(path, visit);
  }
}

test(
  "a large directory is remembered, and read again once something in it changed",
  async (store, { tree }) => {
    await store.makeDirectory("alice", "/d");
    for (let i = 0; i < 600; i++) Deno.writeTextFileSync(`${tree}/d/${i}`, "");
    /** Reads it until it is remembered: not before its last change lies some time back. */
    const remembered = async () => {
      const deadline = Date.now() + 20_000;
      while (await store.children("alice", "/d") !== await store.children("alice", "/d")) {
        assert(Date.now() < deadline, "it is never remembered");
        await delay(50);
      }
      return await store.children("alice", "/d");
    };
    const { mtime } = Deno.statSync(`${tree}/d`);
    assertEquals((await remembered()).files.length, 600);
    await putFile(store, "/d/new", "x");
    await store.setModified("alice", "/d", mtime!.getTime()); // as who keeps times does
    for (const step of ["changed just now", "again"]) {
      assertEquals((await store.children("alice", "/d")).files.length, 601, step);
    }
    Deno.renameSync(`${tree}/d`, `${tree}/e`);
    Deno.mkdirSync(`${tree}/d`);
    assertEquals(await store.children("alice", "/d"), { directories: [], files: [] });
  },
);

Deno.test("the way to an account is synced once, before the first name in it counts", async () => {
  const root = Deno.makeTempDirSync();
  const { sync, syncSync } = Deno.FsFile.prototype;
  let count = 0;
  try {
    await new LocalStore(root).addAccount("alice");
    const store = new LocalStore(root); // of the next start
    store.createPart("alice", "one").close(); // the first write finds out what a sync costs
    Deno.FsFile.prototype.sync = function () {
      count++;
      return sync.call(this);
    };
    Deno.FsFile.prototype.syncSync = function () {
      count++;
      syncSync.call(this);
    };
    const syncsOf = async (work: () => void | Promise<void>) => {
      count = 0;
      await work();
      return count;
    };
    assertEquals(await syncsOf(() => store.addAccount("alice")), 0);
    // Its files, its directory, its letter, users/ and the data directory.
    assertEquals(await syncsOf(() => store.syncDirectory("alice", "/")), 5);
    assertEquals(await syncsOf(() => store.syncDirectory("alice", "/")), 1);
  } finally {
    Object.assign(Deno.FsFile.prototype, { sync, syncSync });
    Deno.removeSync(root, { recursive: true });
  }
});
