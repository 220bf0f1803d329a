import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { StoreError } from "../../../storage/contract/error.ts";
import { contentOf, fails, type Holds, makePart, putFile, readAll, seen } from "./store_samples.ts";

export function treeContract(holds: Holds): void {
  holds("a new account's tree is empty, and adding it again changes nothing", async (store) => {
    assertEquals(await store.names("alice", "/"), []);
    assertEquals((await store.stat("alice", "/"))!.type, "directory");
    await putFile(store, "/a", "1");
    await store.addAccount("alice");
    assertEquals(await seen(store), ["/a 1 1"]);
  });

  holds("accounts do not see each other's files", async (store) => {
    await putFile(store, "/a", "alice's");
    await putFile(store, "/a", "bob's", "bob");
    assertEquals(await contentOf(store, "/a"), "alice's");
    await store.remove("alice", "/a");
    assertEquals(await contentOf(store, "/a", "bob"), "bob's");
  });

  for (const keepAside of [true, false]) {
    holds(`removeAccount() with keepAside ${keepAside} leaves an empty tree`, async (store) => {
      await store.makeDirectory("alice", "/d");
      await putFile(store, "/d/a", "1");
      await makePart(store, "p1", "2");
      await store.removeAccount("alice", { keepAside });
      await store.removeAccount("alice", { keepAside });
      assertEquals(await store.stat("alice", "/d/a"), undefined);
      await fails("not-found", () => store.names("alice", "/"));
      await fails("not-found", () => store.open("alice", "/d/a"));
      assertEquals(await store.listParts("alice"), []);
      await store.addAccount("alice");
      assertEquals(await store.names("alice", "/"), []);
      assertEquals(await store.listParts("alice"), []);
    });
  }

  holds("stat() returns name, type, size and time", async (store) => {
    await store.makeDirectory("alice", "/d");
    await putFile(store, "/d/ä 😀", "äö");
    await store.setModified("alice", "/d/ä 😀", 1_234_567_890_123);
    assertEquals(await store.stat("alice", "/d/ä 😀"), {
      name: "ä 😀",
      type: "file",
      size: 4,
      mtimeMs: 1_234_567_890_123,
    });
    const directory = await store.stat("alice", "/d");
    assertEquals({ ...directory, mtimeMs: 0 }, {
      name: "d",
      type: "directory",
      size: 0,
      mtimeMs: 0,
    });
    assert(Number.isSafeInteger(directory!.mtimeMs));
  });

  holds("a path that is missing, or leads through a file", async (store) => {
    await putFile(store, "/file", "1");
    assertEquals(await store.stat("alice", "/none"), undefined);
    assertEquals(await store.stat("alice", "/none/none"), undefined);
    await fails("not-directory", () => store.stat("alice", "/file/x"));
    for (
      const call of [
        (path: string) => store.open("alice", path),
        (path: string) => store.names("alice", path),
        (path: string) => store.list("alice", path),
        (path: string) => store.list("alice", path, ["x"]),
        (path: string) => store.makeDirectory("alice", `${path}/new`),
        (path: string) => store.removeDirectory("alice", path),
        (path: string) => store.remove("alice", path),
        (path: string) => store.setModified("alice", path, 1),
        (path: string) => store.rename("alice", path, "/new", { replace: true }),
        (path: string) => store.rename("alice", "/file", `${path}/new`, { replace: true }),
      ]
    ) {
      await fails("not-found", () => call("/none"));
      await fails("not-found", () => call("/none/none"));
      await fails("not-directory", () => call("/file/x"));
    }
    await fails("not-directory", () => store.names("alice", "/file"));
    await fails("not-directory", () => store.list("alice", "/file"));
    await fails("not-directory", () => store.list("alice", "/file", ["x"]));
    await fails("not-directory", () => store.removeDirectory("alice", "/file"));
    assertEquals(await seen(store), ["/file 1 1"]);
  });

  holds(
    "readWhole() reads the file of that size and time, and of no other",
    async (store) => {
      await store.makeDirectory("alice", "/d");
      await putFile(store, "/d/a", "content");
      await putFile(store, "/d/empty", "");
      const [a, empty] = await store.list("alice", "/d", ["a", "empty"]);
      const read = async (path: string, { size, mtimeMs }: { size: number; mtimeMs: number }) => {
        const bytes = await store.readWhole("alice", path, { size, mtimeMs });
        return bytes && new TextDecoder().decode(bytes);
      };
      assertEquals(await read("/d/a", a!), "content");
      assertEquals(await read("/d/empty", empty!), "");
      assertEquals(await read("/d/a", { ...a!, size: 6 }), undefined);
      assertEquals(await read("/d/a", { ...a!, mtimeMs: a!.mtimeMs + 1 }), undefined);
      for (const path of ["/", "/d", "/none", "/none/a", "/d/a/x"]) {
        assertEquals(await read(path, a!), undefined, path);
      }
      await store.remove("alice", "/d/a");
      assertEquals(await read("/d/a", a!), undefined);
    },
  );

  holds("a directory where a file is needed", async (store) => {
    await store.makeDirectory("alice", "/d");
    await fails("is-directory", () => store.open("alice", "/d"));
    await fails("is-directory", () => store.remove("alice", "/d"));
    await fails("is-directory", () => store.open("alice", "/"));
    await fails("is-directory", () => store.remove("alice", "/"));
    assertEquals(await seen(store), ["/d"]);
  });

  holds(
    "names(), children() and list() return the entries of a directory, list() the named ones",
    async (store) => {
      await store.makeDirectory("alice", "/d");
      await store.makeDirectory("alice", "/d/e");
      for (const name of ["a", "b", "c"]) await putFile(store, `/d/${name}`, name);
      assertEquals((await store.names("alice", "/d")).sort(), ["a", "b", "c", "e"]);
      const { directories, files } = await store.children("alice", "/d");
      assertEquals([directories, files.toSorted()], [["e"], ["a", "b", "c"]]);
      const tell = async (only?: string[]) =>
        (await store.list("alice", "/d", only)).map(({ name, type }) => `${name} ${type}`).sort();
      assertEquals(await tell(), ["a file", "b file", "c file", "e directory"]);
      assertEquals(await tell(["e", "a", "none"]), ["a file", "e directory"]);
      assertEquals(await tell([]), []);
    },
  );

  holds("makeDirectory() makes one directory", async (store) => {
    await store.makeDirectory("alice", "/d");
    await store.makeDirectory("alice", "/d/e");
    await fails("exists", () => store.makeDirectory("alice", "/d"));
    await putFile(store, "/file", "1");
    await fails("exists", () => store.makeDirectory("alice", "/file"));
    await fails("exists", () => store.makeDirectory("alice", "/"));
    assertEquals(await seen(store), ["/d", "/d/e", "/file 1 1"]);
  });

  holds("removeDirectory() removes an empty directory, and never the root", async (store) => {
    await fails("denied", () => store.removeDirectory("alice", "/"));
    await store.makeDirectory("alice", "/d");
    await store.makeDirectory("alice", "/d/e");
    await fails("not-empty", () => store.removeDirectory("alice", "/d"));
    await store.removeDirectory("alice", "/d/e");
    await store.removeDirectory("alice", "/d");
    await fails("not-found", () => store.removeDirectory("alice", "/d"));
    assertEquals(await seen(store), []);
  });

  holds(
    "removeAll() removes names of one directory, and passes over missing ones",
    async (store) => {
      await store.makeDirectory("alice", "/d");
      await store.makeDirectory("alice", "/d/e");
      for (const name of ["a", "b", "c%~x", "e/a"]) await putFile(store, `/d/${name}`, "1");
      assertEquals(await store.removeAll("alice", "/d", ["a", "gone", "c%~x"]), []);
      assertEquals(await seen(store), ["/d", "/d/b 1 1", "/d/e", "/d/e/a 1 1"]);
      await fails("is-directory", () => store.removeAll("alice", "/d", ["e"]));
      await fails("not-found", () => store.removeAll("alice", "/gone", ["a"]));
    },
  );

  holds("an open file that is removed, replaced or renamed is read to its end", async (store) => {
    for (const path of ["/a", "/b", "/c"]) await putFile(store, path, `old ${path}`);
    const contents = [];
    for (const path of ["/a", "/b", "/c"]) contents.push(await store.open("alice", path));
    await store.remove("alice", "/a");
    await putFile(store, "/b", "new content");
    await store.rename("alice", "/c", "/d", { replace: false });
    assertEquals(
      await Promise.all(contents.map(readAll)),
      ["old /a", "old /b", "old /c"],
    );
    for (const content of contents) content.close();
    assertEquals(await seen(store), ["/b 11 new content", "/d 6 old /c"]);
  });

  holds("read() gives fewer bytes than asked only at the end", async (store) => {
    await putFile(store, "/a", "0123456789");
    const content = await store.open("alice", "/a");
    const read = async (length: number, offset: number) => {
      const into = new Uint8Array(length);
      return new TextDecoder().decode(into.subarray(0, await content.read(into, offset)));
    };
    assertEquals(await read(4, 3), "3456");
    assertEquals(await read(4, 0), "0123");
    assertEquals(await read(4, 8), "89");
    assertEquals(await read(4, 10), "");
    assertEquals(await read(4, 2 ** 40), "");
    assertEquals(await read(0, 0), "");
    content.close();
  });

  holds("rename() moves files and trees", async (store) => {
    await store.makeDirectory("alice", "/d");
    await store.makeDirectory("alice", "/e");
    await putFile(store, "/d/a", "1");
    await store.rename("alice", "/d/a", "/e/b", { replace: false });
    await store.rename("alice", "/e", "/d/e", { replace: false });
    await store.rename("alice", "/d", "/ä", { replace: true });
    assertEquals(await seen(store), ["/ä", "/ä/e", "/ä/e/b 1 1"]);
  });

  holds("rename() replaces a file by a file, when asked to, and nothing else", async (store) => {
    for (const path of ["/d", "/empty"]) await store.makeDirectory("alice", path);
    for (const path of ["/a", "/b", "/d/x"]) await putFile(store, path, path);
    const before = await seen(store);
    const rename = (from: string, to: string, replace: boolean) => () =>
      store.rename("alice", from, to, { replace });
    await fails("exists", rename("/a", "/b", false));
    for (const replace of [true, false]) {
      await fails("exists", rename("/a", "/d", replace));
      await fails("exists", rename("/a", "/empty", replace));
      await fails("exists", rename("/d", "/a", replace));
      await fails("exists", rename("/d", "/empty", replace));
      await fails("exists", rename("/a", "/", replace));
      await fails("bad-request", rename("/d", "/d/below", replace));
    }
    assertEquals(await seen(store), before);
    await rename("/a", "/b", true)();
    assertEquals(await seen(store), ["/b 2 /a", "/d", "/d/x 4 /d/x", "/empty"]);
  });

  holds("rename() never moves the root", async (store) => {
    await store.makeDirectory("alice", "/d");
    await fails("denied", () => store.rename("alice", "/", "/d/root", { replace: true }));
    assertEquals(await seen(store), ["/d"]);
  });

  holds("setModified() sets a time in ms, back to before 1970", async (store) => {
    await putFile(store, "/a", "1");
    for (const mtimeMs of [0, 1, 1_700_000_000_999, -86_400_001]) {
      await store.setModified("alice", "/a", mtimeMs);
      assertStrictEquals((await store.stat("alice", "/a"))!.mtimeMs, mtimeMs);
      const content = await store.open("alice", "/a");
      assertStrictEquals(content.mtimeMs, mtimeMs);
      content.close();
    }
  });

  holds(
    "setModified() asks first, and leaves refused files and directories as they are",
    async (store) => {
      await putFile(store, "/a", "1");
      await store.makeDirectory("alice", "/d");
      const { mtimeMs } = (await store.stat("alice", "/a"))!;
      const asked: { size: number; mtimeMs: number }[] = [];
      const set = (path: string, answer: boolean) =>
        store.setModified("alice", path, 5, async ({ size, mtimeMs }) => {
          asked.push({ size, mtimeMs });
          assertStrictEquals(
            (await store.stat("alice", path))!.mtimeMs,
            mtimeMs,
            "nothing is set yet",
          );
          return answer;
        });
      assertEquals(await set("/a", false), undefined);
      assertStrictEquals((await store.stat("alice", "/a"))!.mtimeMs, mtimeMs);
      assertEquals(await set("/a", true), 5);
      assertEquals((await store.stat("alice", "/a"))!.mtimeMs, 5);
      assertEquals(await set("/d", true), undefined);
      assertNotEquals((await store.stat("alice", "/d"))!.mtimeMs, 5);
      await fails("not-found", () => set("/none", true));
      assertEquals(asked, [{ size: 1, mtimeMs }, { size: 1, mtimeMs }]);
      const failing = () => Promise.reject(new StoreError("io", "first"));
      await fails("io", () => store.setModified("alice", "/a", 6, failing));
      assertEquals((await store.stat("alice", "/a"))!.mtimeMs, 5);
    },
  );

  holds("names of 255 bytes are kept as they are", async (store) => {
    const names = ["x".repeat(255), "ä".repeat(127), "%_*?", "a\\b", "-rf", ".hidden", "x.part"];
    for (const name of names) await putFile(store, `/${name}`, "1");
    assertEquals((await store.names("alice", "/")).sort(), names.sort());
    for (const name of names) await store.remove("alice", `/${name}`);
    assertEquals(await seen(store), []);
  });
}
