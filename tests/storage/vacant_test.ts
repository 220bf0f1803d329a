/** Names that are free: the quick look at them, and what it cannot see. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { LocalStore } from "../../storage/disk/files/local_store.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { Vault } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";

/** A vault on disk with an account, and the place of the account's tree. */
async function withTree(
  use: (vault: Vault, tree: string, store: LocalStore) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const store = new LocalStore(root, { durability: "relaxed" });
    const vault = await Vault.open({ store, catalog: new MemoryCatalog() });
    await addAccount(vault, "alice");
    await use(vault, `${root}/users/a/alice/files`, store);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("vacant() is true of a free name in a directory that is there, and of no other", () =>
  withTree((_vault, tree, store) => {
    Deno.mkdirSync(`${tree}/d`);
    Deno.writeTextFileSync(`${tree}/d/a`, "1");
    Deno.symlinkSync(`${tree}/d`, `${tree}/link`);
    const seen = ["/x", "/d/x", "/d", "/d/a", "/d/a/x", "/none/x", "/link", "/link/x", "/"]
      .filter((path) => store.vacant("alice", path));
    assertEquals(seen, ["/x", "/d/x"]);
    return Promise.resolve();
  }));

for (const ifExists of ["overwrite", "keep", "version", "fail"] as const) {
  Deno.test(`an upload (${ifExists}) to a link that leads nowhere leaves the link alone`, () =>
    withTree(async (vault, tree) => {
      const link = `${tree}/a`;
      Deno.symlinkSync("/none/none", link);
      const session = { sessionId: "s", address: "127.0.0.1", door: "ftp" } as const;
      const view = vault.enter({ account: "alice", generation: 1, ...session });
      const opening = await view.transfers.upload({ path: "/a", ifExists, recordLate: true });
      assert("upload" in opening);
      await opening.upload.write(new Uint8Array(10));
      assertErrorWhere(
        await assertRejects(() => opening.upload.finish()),
        (error) => isStoreError(error, "denied", "exists"),
      );
      assertEquals(Deno.readLinkSync(link), "/none/none");
      assertEquals([...Deno.readDirSync(tree)].map(({ name }) => name), ["a"]);
    }));
}
