/** Uploads that go on at an offset (storage/transfer/restart.ts), over the pair in memory. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { Vault, type View } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";
import { sha256 } from "../support/raw_client.ts";

const encode = (text: string) => new TextEncoder().encode(text);

async function open() {
  const store = new MemoryStore();
  const catalog = new MemoryCatalog();
  const vault = await Vault.open({ store, catalog });
  const enter = async (account: string): Promise<View> => {
    await addAccount(vault, account);
    const session = { sessionId: account, address: "127.0.0.1", door: "ftp" } as const;
    return vault.enter({ account, generation: 1, ...session });
  };
  return { store, catalog, enter };
}

/** Leaves an unfinished upload, with a checkpoint behind each of the texts. @returns its id */
async function leave(view: View, path: string, ...texts: string[]): Promise<string> {
  const opening = await view.transfers.upload({ path, ifExists: "overwrite" });
  assert("upload" in opening);
  for (const text of texts) {
    await opening.upload.write(encode(text));
    await opening.upload.part.checkpoint();
  }
  await opening.upload.suspend();
  return opening.upload.id;
}

async function put(view: View, path: string, text: string): Promise<void> {
  const opening = await view.transfers.upload({ path, ifExists: "overwrite" });
  assert("upload" in opening);
  await opening.upload.write(encode(text));
  await opening.upload.finish();
}

async function goOn(view: View, path: string, offset: number, text: string): Promise<string> {
  const { upload } = await view.transfers.restart({ path, ifExists: "overwrite" }, offset);
  await upload.write(encode(text));
  return (await upload.finish()).hash;
}

Deno.test("a part is cut to any offset below the safe one, between checkpoints too", async () => {
  for (const offset of [1, 4, 5, 7, 10]) {
    const { enter } = await open();
    const alice = await enter("alice");
    await leave(alice, "/f", "01234", "56789");
    assertEquals((await alice.transfers.sizeOrOffset("/f")).size, 9); // the last byte is sent again
    const whole = "0123456789".slice(0, offset) + "end";
    assertEquals(await goOn(alice, "/f", offset, "end"), sha256(whole));
    assertEquals((await alice.transfers.sizeOrOffset("/f")).size, whole.length);
    assertEquals(await Array.fromAsync(await alice.transfers.unfinished()), []);
  }
});

Deno.test("a part that was cut and left again is safe up to the cut, and not beyond", async () => {
  const { enter } = await open();
  const alice = await enter("alice");
  await leave(alice, "/f", "01234", "56789");
  const { upload } = await alice.transfers.restart({ path: "/f" }, 7);
  await upload.suspend();
  assertEquals((await alice.transfers.sizeOrOffset("/f")).size, 6);
  assertErrorWhere(
    await assertRejects(() => alice.transfers.restart({ path: "/f" }, 8)),
    (error) => isStoreError(error, "offset") && error.details.offset === 6,
  );
  assertEquals(await goOn(alice, "/f", 7, "xyz"), sha256("0123456xyz"));
});

Deno.test("a part damaged on disk is not continued", async () => {
  const { store, enter } = await open();
  const alice = await enter("alice");
  const id = await leave(alice, "/f", "01234", "56789");
  const part = await store.openPart("alice", id);
  await part.write(encode("X"), 6);
  part.close();
  assertErrorWhere(
    await assertRejects(() => alice.transfers.restart({ path: "/f" }, 8)),
    (error) => isStoreError(error, "offset"),
  );
  // The checkpoint before the damage still holds.
  assertEquals((await alice.transfers.sizeOrOffset("/f")).size, 4);
  assertEquals(await goOn(alice, "/f", 5, "56789"), sha256("0123456789"));
});

Deno.test("another account's unfinished upload cannot be continued, and has no size", async () => {
  const { enter } = await open();
  const alice = await enter("alice");
  const bob = await enter("bob");
  await alice.tree.makeDirectory("/d");
  await alice.sharing.share({ path: "/d", guest: "bob", letters: "rw" });
  await leave(alice, "/d/f", "01234");
  assertErrorWhere(
    await assertRejects(() => bob.transfers.sizeOrOffset("/shared/alice/d/f")),
    (e) => isStoreError(e, "not-found"),
  );
  assertErrorWhere(
    await assertRejects(() => bob.transfers.restart({ path: "/shared/alice/d/f" }, 3)),
    (error) => isStoreError(error, "offset"),
  );
  const { upload } = await bob.transfers.appendOrResume({ path: "/shared/alice/d/f" });
  await upload.write(encode("his"));
  assertEquals((await upload.finish()).hash, sha256("his"));
});

Deno.test("an append that went on over a changed file is refused at its end", async () => {
  const { enter } = await open();
  const alice = await enter("alice");
  await put(alice, "/f", "old");
  const { upload } = await alice.transfers.restart({ path: "/f", ifExists: "overwrite" }, 3);
  await upload.write(encode("er"));
  await put(alice, "/f", "new");
  assertErrorWhere(
    await assertRejects(() => upload.finish()),
    (error) => isStoreError(error, "changed"),
  );
});

Deno.test("an account that may only write enters directories, and learns of its own uploads alone", async () => {
  const { catalog, enter } = await open();
  const alice = await enter("alice");
  await alice.tree.makeDirectory("/in");
  await put(alice, "/f", "x");
  await leave(alice, "/in/g", "01234");
  await catalog.setLetters("alice", "w");
  await alice.tree.enterDirectory("/in");
  assertErrorWhere(
    await assertRejects(() => alice.tree.enterDirectory("/none")),
    (error) => isStoreError(error, "not-found"),
  );
  assertErrorWhere(
    await assertRejects(() => alice.tree.enterDirectory("/f")),
    (error) => isStoreError(error, "not-directory"),
  );
  assertEquals((await alice.transfers.sizeOrOffset("/in/g")).size, 4);
  assertErrorWhere(
    await assertRejects(() => alice.transfers.sizeOrOffset("/f")),
    (error) => isStoreError(error, "denied"),
  );
  assertErrorWhere(
    await assertRejects(() => alice.transfers.sizeOrOffset("/none")),
    (error) => isStoreError(error, "denied"),
  );
});
