/** Content left by kills without a record: counted, bounded in time, removed with its account. */
import { delay } from "@std/async";
import { assertEquals } from "@std/assert";
import { newPartId, partTagOf } from "../../../storage/disk/parts/part_id.ts";
import { LocalStore } from "../../../storage/disk/files/local_store.ts";
import { recover } from "../../../storage/disk/recovery/recover.ts";
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { Vault } from "../../support/vault.ts";
import { account } from "../suites/catalog_samples.ts";

interface Alice {
  data: string;
  catalog: SqliteCatalog;
  store: LocalStore;
}

/** Runs with the data directory of an account with a quota. */
async function withAlice(
  quotaBytes: number | null,
  run: (alice: Alice) => Promise<void>,
): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "towpath-aside-" });
  const catalog = SqliteCatalog.open(`${data}/catalog.db`, { durability: "relaxed" });
  try {
    const store = new LocalStore(data, { durability: "relaxed" });
    await catalog.addAccount(account("alice", { quotaBytes }));
    await store.addAccount("alice");
    await run({ data, catalog, store });
  } finally {
    await catalog.close();
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("parts that nothing knows count to their account, are kept once, and expire", () =>
  withAlice(16 * 900, async ({ data, catalog, store }) => {
    const aside = `${data}/users/a/alice/aside`;
    for (let kill = 1; kill <= 3; kill++) {
      // Files of a small upload on disk before its end.
      const part = store.createPart("alice", `${kill}`.repeat(32));
      await part.write(new Uint8Array(300), 0);
      part.close();
      await recover(store, catalog);
      await recover(store, catalog);
      const { reservedBytes } = await catalog.usage("alice");
      assertEquals(reservedBytes, 300 * kill);
      assertEquals([...Deno.readDirSync(aside)].length, kill);
    }
    const vault = await Vault.open({ store, catalog, recover: false, partTtlMs: 60_000 });
    assertEquals(await vault.expireUploads(), []);
    assertEquals((await catalog.asides.all()).length, 3);
    const later = await Vault.open({ store, catalog, recover: false, partTtlMs: -1000 });
    assertEquals((await later.expireUploads()).length, 3);
    assertEquals([...Deno.readDirSync(aside)], []);
    assertEquals(await catalog.usage("alice"), { usedBytes: 0, reservedBytes: 0 });
  }));

Deno.test("content that is set aside is bounded: the oldest goes first", () =>
  withAlice(null, async ({ data, catalog, store }) => {
    const aside = `${data}/users/a/alice/aside`;
    Deno.mkdirSync(`${aside}/left.removed/within`, { recursive: true });
    await recover(store, catalog);
    for (const id of ["a", "b", "c"]) {
      using file = Deno.openSync(`${aside}/${id}.part`, { createNew: true, write: true });
      file.truncateSync(100 * 1024 * 1024); // a hole: nothing is written
      await delay(2); // each is found at a time of its own
      await recover(store, catalog);
    }
    const kept = (await catalog.asides.all()).map(({ id }) => id);
    assertEquals(kept, ["b", "c"]);
    assertEquals([...Deno.readDirSync(aside)].map(({ name }) => name).sort(), [
      "b.part",
      "c.part",
    ]);
    assertEquals((await catalog.usage("alice")).reservedBytes, 200 * 1024 * 1024);
  }));

Deno.test("content that is set aside leaves an account nearly all of its quota, whatever is killed", () =>
  withAlice(16_000, async ({ data, catalog, store }) => {
    for (let kill = 1; kill <= 9; kill++) {
      const part = store.createPart("alice", `${kill}`.repeat(32));
      await part.write(new Uint8Array(300), 0);
      part.close();
      await recover(store, catalog);
    }
    assertEquals((await catalog.usage("alice")).reservedBytes, 900);
    assertEquals([...Deno.readDirSync(`${data}/users/a/alice/aside`)].length, 3);
  }));

Deno.test("what one worker leaves is counted when another one takes its place, once", () =>
  withAlice(16_000, async ({ catalog, store }) => {
    for (let failure = 1; failure <= 3; failure++) {
      const holder = crypto.randomUUID();
      const part = store.createPart("alice", newPartId(partTagOf(holder)));
      await part.write(new Uint8Array(100), 0);
      part.close();
      await recover(store, catalog, { holders: [holder] });
      assertEquals((await catalog.usage("alice")).reservedBytes, 100 * failure);
    }
    await recover(store, catalog);
    assertEquals((await catalog.usage("alice")).reservedBytes, 300);
    for (const { id } of await catalog.asides.all()) await catalog.asides.remove(id);
    assertEquals((await catalog.usage("alice")).reservedBytes, 0);
  }));
