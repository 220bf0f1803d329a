/** A resume answers from what is recorded, and what is stored is read while more bytes come. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import type { StoreError } from "../../storage/contract/error.ts";
import { Vault } from "../../storage/vault.ts";
import type { View } from "../../storage/view.ts";
import { assertErrorLike } from "../support/errors.ts";
import { MIB, randomBytes, until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { principal } from "../support/workers.ts";
import { TestCluster } from "./cluster_engine.ts";
import { withoutPostgres } from "./engines.ts";

/** What is sent, in three parts of which each of the first two ends with a checkpoint. */
const PARTS = [randomBytes(2 * MIB), randomBytes(MIB), randomBytes(3 * MIB)];
const WHOLE = new Uint8Array(Buffer.concat(PARTS));
const PREFIX = PARTS[0]!.length + PARTS[1]!.length;

interface Bench {
  readonly cluster: TestCluster;
  readonly view: View;
  /** The upload, suspended behind its second part. */
  readonly id: string;
  /** Holds the store's answers back until the function is called that it returns. */
  hold(): () => void;
}

function holds(sentence: string, work: (bench: Bench) => Promise<void>): void {
  Deno.test({
    name: `cluster: ${sentence}`,
    ignore: withoutPostgres,
    async fn() {
      await using cluster = await TestCluster.open();
      const { store } = cluster;
      await cluster.first.catalog.updateAccount("alice", { quotaBytes: null });
      const get = store.get.bind(store);
      let gate = Promise.resolve();
      store.get = async (...args) => {
        await gate;
        return await get(...args);
      };
      const vault = await Vault.open({ engine: cluster.first, recover: false });
      const view = vault.enter(principal("alice", 1));
      const begun = await view.transfers.upload({ path: "/f", sizeBytes: WHOLE.length });
      assert("upload" in begun);
      const { upload: { id } } = begun;
      await begun.upload.write(PARTS[0]!);
      await begun.upload.suspend();
      const { upload } = await view.transfers.resume({ id });
      await upload.write(PARTS[1]!);
      await upload.suspend();
      const hold = () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate = promise;
        return resolve;
      };
      await work({ cluster, view, id, hold });
    },
  });
}

holds("a resume tells its offset at once, and the end waits for what is read meanwhile", async ({
  cluster,
  view,
  id,
  hold,
}) => {
  const release = hold();
  const { upload, prefixHash } = await view.transfers.resume({ id });
  assertEquals([upload.offset, prefixHash], [PREFIX, sha256(WHOLE.subarray(0, PREFIX))]);
  await upload.write(PARTS[2]!);
  let isDone = false;
  const finishing = upload.finish({ hash: sha256(WHOLE) }).finally(() => isDone = true);
  // A round trip of the database, in which it could have ended.
  await cluster.first.catalog.usage("alice");
  assertEquals(isDone, false);
  release();
  assertEquals((await finishing).path, "/f");
  const record = await cluster.first.tree.know("alice", "/f");
  assertEquals([record.record.hash, record.record.size], [sha256(WHOLE), WHOLE.length]);
});

holds("damage that is found while bytes come suspends the upload at the last good part", async ({
  cluster,
  view,
  id,
  hold,
}) => {
  const [row] = await cluster.first.database.query((sql) =>
    sql`SELECT object FROM segments WHERE start >= ${PARTS[0]!.length} ORDER BY start LIMIT 1`
  );
  cluster.store.damage(row!["object"] as string, 1);
  const release = hold();
  const { upload } = await view.transfers.resume({ id });
  assertEquals(upload.offset, PREFIX);
  await upload.write(PARTS[2]!.subarray(0, MIB));
  const taken = Promise.withResolvers<StoreError>();
  upload.onTaken = taken.resolve;
  release();
  const why = await taken.promise; // also of a client that sends nothing more
  assertErrorLike(why, { kind: "io" });
  assertEquals(why.details, { uploadId: id, offset: PARTS[0]!.length });
  await assertRejects(() => upload.write(PARTS[2]!));
  const again = await view.transfers.resume({ id });
  assertEquals(again.upload.offset, PARTS[0]!.length);
  assertEquals(again.prefixHash, sha256(PARTS[0]!));
  await again.upload.write(WHOLE.subarray(PARTS[0]!.length));
  await again.upload.finish({ hash: sha256(WHOLE) });
});

holds("damage that is found at the end keeps the file from its name", async ({
  cluster,
  view,
  id,
  hold,
}) => {
  const [row] = await cluster.first.database.query((sql) =>
    sql`SELECT object FROM segments ORDER BY start LIMIT 1`
  );
  cluster.store.damage(row!["object"] as string, 1);
  const release = hold();
  const { upload } = await view.transfers.resume({ id });
  await upload.write(PARTS[2]!);
  const finishing = upload.finish({ hash: sha256(WHOLE) });
  finishing.catch(() => {});
  release();
  assertErrorLike(await assertRejects(() => finishing), { kind: "io" });
  const again = await view.transfers.resume({ id });
  assertEquals(again.upload.offset, 0);
  await again.upload.write(WHOLE);
  await again.upload.finish({ hash: sha256(WHOLE) });
});

holds(
  "an upload that is cut again before it was read keeps its offset, and nothing is waited for",
  async ({
    view,
    id,
    hold,
  }) => {
    const release = hold();
    const { upload } = await view.transfers.resume({ id });
    await upload.write(PARTS[2]!.subarray(0, MIB));
    const blocked = upload.part.checkpoint();
    blocked.catch(() => {});
    await upload.suspend();
    await assertRejects(() => blocked);
    const again = await view.transfers.resume({ id });
    assertEquals(again.upload.offset, PREFIX);
    release();
    await again.upload.write(PARTS[2]!);
    await again.upload.finish({ hash: sha256(WHOLE) });
  },
);

holds("more than some MiB wait for what is read", async ({ view, id, hold }) => {
  const release = hold();
  const { upload } = await view.transfers.resume({ id });
  // Past the size announced nothing is taken: the same bytes as a longer upload would send.
  upload.part.record.sizeBytes = null;
  let written = 0;
  const writing = (async () => {
    for (; written < 12; written++) await upload.write(PARTS[1]!);
  })();
  await until("some are taken", () => written === 4);
  release();
  await writing;
  assertEquals(upload.offset, PREFIX + 12 * MIB);
  const whole = Buffer.concat([WHOLE.subarray(0, PREFIX), ...Array(12).fill(PARTS[1]!)]);
  await upload.finish({ hash: sha256(whole) });
});
