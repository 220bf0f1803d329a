/** Looking through a directory: order, filter, pages, and what a large one costs. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import type { BrowseOptions } from "../../storage/tree/browse.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { engineOf, Vault } from "../support/vault.ts";
import { account } from "./suites/catalog_samples.ts";
import { putFile } from "./suites/store_samples.ts";

/** Counts how often the store looks at a single entry. */
class CountingStore extends MemoryStore {
  looks = 0;
  override stat(...of: Parameters<MemoryStore["stat"]>) {
    this.looks++;
    return super.stat(...of);
  }
}

async function open() {
  const store = new CountingStore();
  const catalog = new MemoryCatalog();
  const vault = await Vault.open({ store, catalog });
  for (const name of ["alice", "bob"]) {
    await engineOf(vault).addAccount(account(name));
  }
  const enter = (name: string) =>
    vault.enter({ account: name, generation: 1, door: "web", sessionId: name, address: "::1" });
  const view = enter("alice");
  const names = async (options: Partial<BrowseOptions> = {}, path = "/") =>
    (await view.tree.browse(path, { limit: 100, ...options })).entries.map(({ name }) => name);
  return { store, view, enter, names };
}

Deno.test("directories come first; names go without regard to case, sizes and times by value", async () => {
  const { store, view, names } = await open();
  for (const name of ["/z", "/Y"]) await store.makeDirectory("alice", name);
  const files = [["/b", "22", 3000], ["/A", "333", 1000], ["/ä", "1", 2000]] as const;
  for (const [path, text, mtimeMs] of files) {
    await putFile(store, path, text);
    await view.tree.setModified(path, mtimeMs);
  }
  await view.tree.setModified("/z", 1);
  await view.tree.setModified("/Y", 2);
  assertEquals(await names(), ["Y", "z", "A", "ä", "b"]);
  assertEquals(await names({ descending: true }), ["z", "Y", "b", "ä", "A"]);
  assertEquals(await names({ sort: "size" }), ["Y", "z", "ä", "b", "A"]);
  assertEquals(await names({ sort: "time" }), ["z", "Y", "A", "ä", "b"]);
  assertEquals(await names({ sort: "time", descending: true }), ["Y", "z", "b", "ä", "A"]);
});

Deno.test("a filter finds names in either case and either Unicode form", async () => {
  const { store, view, names } = await open();
  for (const name of ["/Résumé.pdf", "/notes", "/RESULTS"]) await putFile(store, name, "x");
  assertEquals(await names({ filter: "re" }), ["RESULTS"]);
  assertEquals(await names({ filter: "RE\u0301SUM" }), ["Résumé.pdf"]);
  const none = await view.tree.browse("/", { filter: "nothing", limit: 2 });
  assertEquals([none.entries, none.total, none.next], [[], 0, undefined]);
});

Deno.test("pages go forth and back, and on where files were removed meanwhile", async () => {
  const { store, view } = await open();
  for (let i = 0; i < 7; i++) await putFile(store, `/${i}`, "x");
  const page = async (cursor?: string) => {
    const { entries, next, previous, before, total } = await view.tree.browse("/", {
      limit: 3,
      ...(cursor && { cursor }),
    });
    return { names: entries.map(({ name }) => name).join(""), next, previous, before, total };
  };
  const first = await page();
  assertEquals([first.names, first.before, first.total], ["012", 0, 7]);
  const second = await page(first.next);
  assertEquals([second.names, second.before], ["345", 3]);
  const third = await page(second.next);
  assertEquals([third.names, third.next], ["6", undefined]);
  assertEquals((await page(third.previous)).names, "345");
  assertStrictEquals((await page((await page(second.next)).previous)).previous, second.previous);
  await view.tree.remove("/0"); // before the cursor: the page begins with the same file
  assertEquals((await page(first.next)).names, "345");
  await view.tree.remove("/3"); // the cursor's own
  assertEquals((await page(first.next)).names, "56");
  for (const cursor of ["x", "e30", "bm90"]) {
    assertErrorWhere(
      await assertRejects(() => page(cursor)),
      (error) => isStoreError(error, "bad-request"),
    );
  }
});

Deno.test("what others share is looked through like one's own, as far as it is shared", async () => {
  const { store, view, enter } = await open();
  await store.makeDirectory("alice", "/d");
  for (const name of ["/d/b", "/d/a", "/secret"]) await putFile(store, name, "x");
  await view.sharing.share({ path: "/d", guest: "bob", letters: "r" });
  const bob = enter("bob");
  const names = async (path: string, sort?: "size") =>
    (await bob.tree.browse(path, { limit: 9, ...(sort && { sort }) })).entries.map(({ name }) =>
      name
    );
  assertEquals(await names("/"), ["shared"]);
  assertEquals(await names("/shared"), ["alice"]);
  assertEquals(await names("/shared/alice"), ["d"]);
  assertEquals(await names("/shared/alice/d", "size"), ["a", "b"]);
  assertErrorWhere(
    await assertRejects(() => names("/shared/alice/secret")),
    (e) => isStoreError(e, "not-found"),
  );
});

Deno.test("a page reads its own entries only, however many there are", async () => {
  const { store, view } = await open();
  for (let i = 0; i < 3000; i++) await putFile(store, `/${i}`, "");
  store.looks = 0;
  const { entries, total } = await view.tree.browse("/", { limit: 20 });
  assertEquals([entries.length, total], [20, 3000]);
  assert(store.looks < 50, `${store.looks} looks`);
});
