/** Late actions of a worker that was ended: they reach nothing that others have taken over. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { actorOf } from "../../../storage/monitor/audit.ts";
import type { DiskPart } from "../../../storage/disk/parts/disk_part.ts";
import { LocalStore } from "../../../storage/disk/files/local_store.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { DiskEngine } from "../../../storage/disk/disk_engine.ts";
import { ALL } from "../../support/pages.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { sha256 } from "../../support/raw_client.ts";
import { assertSound, Workers } from "../../support/workers.ts";
import { catalogOf, engineOf } from "../../support/vault.ts";
import { diskTest } from "../../support/engine.ts";

const KIB = 1024;

for (const safeKib of [300, 0]) {
  const name = "a write of a dead worker that comes late does not reach the upload that goes on";
  diskTest(`${name} at ${safeKib} KiB`, () => writeLate(safeKib * KIB));
}

/** @param safeBytes what a checkpoint holds safe: all that came, or nothing */
async function writeLate(safeBytes: number): Promise<void> {
  await using workers = new Workers();
  const other = await workers.open();
  const dead = await workers.open();
  const content = new Uint8Array(400 * KIB).map((_, index) => index % 251);
  const opening = await dead.view.transfers.upload({ path: "/f", sizeBytes: content.length });
  assert("upload" in opening);
  const { upload } = opening;
  await upload.write(content.subarray(0, 300 * KIB));
  await upload.record();
  if (safeBytes > 0) await upload.part.checkpoint();
  await engineOf(other.vault).recover({ holders: [dead.vault.holder] });
  const { upload: resumed } = await other.view.transfers.resume({ id: upload.id });
  assertEquals(resumed.offset, safeBytes);
  // Handed to another thread before the worker ended, carried out after the takeover.
  const { file } = upload.part.content as DiskPart; // as its worker has it open
  await file.write(new Uint8Array(100 * KIB).fill(0xff), 200 * KIB);
  await resumed.write(content.subarray(safeBytes));
  const stored = await resumed.finish({ hash: sha256(content) });
  await file.write(new Uint8Array(100 * KIB).fill(0xff), 0);
  file.close();
  const onDisk = Deno.readFileSync(`${workers.data}/users/a/alice/files/f`);
  assertEquals(sha256(onDisk), stored.hash);
}

diskTest("a worker that was replaced writes nothing into the catalog any more", async () => {
  const data = await Deno.makeTempDir();
  try {
    let replaced = false;
    const assertCurrent = () => {
      if (replaced) throw new StoreError("aborted", "This worker was replaced");
    };
    const options = { durability: "relaxed" } as const;
    const catalog = SqliteCatalog.open(`${data}/catalog.db`, { ...options, assertCurrent });
    const account = {
      name: "alice",
      passwordHash: "x",
      letters: "rw",
      quotaBytes: null,
      createdMs: 0,
      lastLoginMs: null,
      generation: 1,
    };
    await catalog.addAccount(account);
    replaced = true;
    assertMatch(
      String(await assertRejects(() => catalog.addAccount({ ...account, name: "bob" }))),
      /replaced/,
    );
    assertMatch(String(await assertRejects(() => catalog.setLetters("alice", "r"))), /replaced/);
    await catalog.noteLogin("alice", 5).catch(() => {});
    replaced = false;
    assertEquals(
      (await catalog.accounts()).map(({ name, letters, lastLoginMs }) => {
        return { name, letters, lastLoginMs };
      }),
      [{ name: "alice", letters: "rw", lastLoginMs: null }],
    );
    await catalog.close();
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

diskTest(
  "an account that a dead worker left half made is made, one half removed is removed",
  async () => {
    await using workers = new Workers();
    const other = await workers.open();
    /** Stops at the first use of an account's directory. */
    const stopped = () => {
      const store = new LocalStore(workers.data, { durability: "relaxed" });
      const reached = Promise.withResolvers<void>();
      store.removeAccount = () => {
        reached.resolve();
        return new Promise(() => {});
      };
      return { store, reached: reached.promise };
    };
    await catalogOf(other.vault).setLetters("alice", "rwcdt");
    const { administration } = other.view;
    const named = async () => (await catalogOf(other.vault).accounts(ALL)).map(({ name }) => name);
    const over = (store: LocalStore) => {
      const options = { durability: "relaxed" } as const;
      return new DiskEngine({
        store,
        catalog: SqliteCatalog.open(`${workers.data}/catalog.db`, options),
      });
    };
    const maker = stopped();
    const making = await workers.open({ engine: over(maker.store), recover: false });
    const carol = { name: "carol", passwordHash: "x", quotaBytes: null };
    making.vault.register(carol, actorOf(making.view.principal)).catch(() => {}); // it never ends
    await maker.reached;
    await engineOf(other.vault).recover({ holders: [making.vault.holder] });
    assert((await named()).includes("carol"));
    assert(Deno.statSync(`${workers.data}/users/c/carol/parts`).isDirectory);

    const remover = stopped();
    const removing = await workers.open({ engine: over(remover.store), recover: false });
    removing.view.administration.removeAccount("bob", { keepFiles: false }).catch(() => {});
    await remover.reached;
    // Making it again waits for the end of its removal.
    const again = administration.addAccount({ name: "bob", passwordHash: "x", quotaBytes: null });
    await engineOf(other.vault).recover({ holders: [removing.vault.holder] });
    await again;
    assert(Deno.statSync(`${workers.data}/users/b/bob/files`).isDirectory);
    await assertSound(other, {});
  },
);
