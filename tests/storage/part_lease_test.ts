// Changes to bytes that a part is writing, and their effect.

import { assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { createHash } from "node:crypto";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { engineOf, Vault } from "../support/vault.ts";
import { account } from "./suites/catalog_samples.ts";
import { slowDown } from "../support/slow/slow_parts.ts";

async function begin(sizeBytes: number) {
  const catalog = new MemoryCatalog();
  const store = new MemoryStore();
  const vault = await Vault.open({ store, catalog });
  await engineOf(vault).addAccount(account("alice", { letters: "rwcd" }));
  slowDown(store, 5);
  const { generation } = (await catalog.account("alice"))!;
  const principal = { account: "alice", generation, sessionId: "1", address: "::1" } as const;
  const view = vault.enter({ ...principal, door: "web" });
  const { upload } = await view.transfers.upload({ path: "/a", sizeBytes }) as { upload: Upload };
  return { view, upload };
}

/** A lease that counts its holders. */
function counted() {
  const lease = {
    holders: 0,
    retain: () => void lease.holders++,
    release: () => void lease.holders--,
  };
  return lease;
}

Deno.test("without a lease the bytes are written once write() resolves", async () => {
  const { upload } = await begin(300);
  const bytes = new Uint8Array(100);
  const hash = createHash("sha256");
  for (const value of [1, 2, 3]) {
    hash.update(bytes.fill(value));
    await upload.write(bytes);
  }
  assertEquals((await upload.finish()).hash, hash.digest("hex"));
});

Deno.test("with a lease write() resolves before, and holds it until they are written", async () => {
  const { upload } = await begin(200);
  const lease = counted();
  await upload.write(new Uint8Array(100), 0, lease);
  assertEquals(lease.holders, 1);
  await upload.write(new Uint8Array(100), 0, lease);
  await upload.part.settled();
  assertEquals(lease.holders, 0);
  await upload.finish();
});

for (const sizeBytes of [100, 200]) {
  Deno.test(`bytes that change while they are written are not stored (one of ${sizeBytes / 100})`, async () => {
    const { view, upload } = await begin(sizeBytes);
    const bytes = new Uint8Array(100).fill(1);
    await upload.write(bytes, 0, counted());
    bytes[50] = 2; // what a reader did that used a lent buffer again
    if (sizeBytes > 100) {
      assertErrorLike(await assertRejects(() => upload.write(bytes)), {
        kind: "io",
        message: /changed in the server's memory/,
      });
      assertEquals(upload.open, false);
    } else {
      assertErrorLike(await assertRejects(() => upload.finish()), {
        kind: "io",
        message: /changed in the server's memory/,
      });
    }
    assertErrorLike(await assertRejects(() => view.transfers.download("/a")), {
      kind: "not-found",
    });
    const [kept] = await Array.fromAsync(await view.transfers.unfinished());
    assertEquals(kept?.offset ?? 0, 0); // nothing of it counts as safe
  });
}
