// Going back in an upload, and telling its size late.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { createHash } from "node:crypto";
import { announceSize } from "../../storage/transfer/announce.ts";
import type { Condition } from "../../storage/contract/condition.ts";
import { StoreError } from "../../storage/contract/error.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import type { UploadRequest } from "../../storage/transfer/transfers.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { engineOf, Vault } from "../support/vault.ts";
import { account } from "./suites/catalog_samples.ts";

async function open(quotaBytes: number | null = null) {
  const catalog = new MemoryCatalog();
  const store = new MemoryStore();
  const vault = await Vault.open({ store, catalog });
  await engineOf(vault).addAccount(account("alice", { quotaBytes, letters: "rwcd" }));
  const { generation } = (await catalog.account("alice"))!;
  const principal = { account: "alice", generation, sessionId: "1", address: "::1" } as const;
  const view = vault.enter({ ...principal, door: "web" });
  const begin = async (sizeBytes?: number): Promise<Upload> => {
    const opening = await view.transfers.upload({
      path: "/a",
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    });
    return (opening as { upload: Upload }).upload;
  };
  return { vault, catalog, view, begin };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test("what came since a mark is dropped, on disk and from checkpoints too", async () => {
  const { view, begin } = await open();
  const upload = await begin(9);
  await upload.write(bytes("abc"));
  await upload.part.checkpoint();
  const mark = upload.part.mark();
  await upload.write(bytes("WRONG"));
  await upload.part.checkpoint();
  await upload.part.rewind(mark);
  assertEquals(upload.offset, 3);
  await upload.suspend();
  assertEquals(
    await view.transfers.findUnfinished(upload.id).then((
      { offset, prefixHash },
    ) => [offset, prefixHash]),
    [3, sha256("abc")],
  );
  const { upload: again, prefixHash } = await view.transfers.resume({ id: upload.id });
  assertEquals(prefixHash, sha256("abc"));
  await again.write(bytes("defghi"));
  assertEquals((await again.finish()).hash, sha256("abcdefghi"));
});

Deno.test("a size that is announced late holds from then on, over a resume too", async () => {
  const { catalog, view, begin } = await open(100);
  const upload = await begin();
  await upload.write(bytes("abc"));
  assertMatch(String(await assertRejects(() => announceSize(upload, 2))), /3 bytes already/);
  assertMatch(String(await assertRejects(() => announceSize(upload, 101))), /quota/);
  await announceSize(upload, 6);
  await announceSize(upload, 6);
  assertMatch(String(await assertRejects(() => announceSize(upload, 7))), /announced with 6 bytes/);
  await upload.suspend();
  assertEquals((await catalog.upload(upload.id))?.sizeBytes, 6);
  const { upload: again } = await view.transfers.resume({ id: upload.id });
  assertEquals(again.size, 6);
  assertMatch(String(await assertRejects(() => again.write(bytes("defg")))), /More bytes/);
});

Deno.test("an upload that may replace one content alone is refused where there is another", async () => {
  const { view, begin } = await open();
  const first = await begin();
  await first.write(bytes("one"));
  await first.finish();
  const condition: Condition = {
    pins: true,
    check(current) {
      if (current?.type === "file" && current.hash === sha256("one")) return;
      throw new StoreError("changed", "It is another content");
    },
  };
  const ask: UploadRequest = { path: "/a", ifExists: "overwrite", condition };
  const { upload } = await view.transfers.upload(ask) as { upload: Upload };
  const { upload: quicker } = await view.transfers.upload(ask) as { upload: Upload };
  await quicker.write(bytes("two"));
  await quicker.finish();
  await upload.write(bytes("three"));
  assertErrorLike(await assertRejects(() => upload.finish()), { kind: "changed" });
  assertErrorLike(await assertRejects(() => view.transfers.upload(ask)), { kind: "changed" });
  assertEquals((await view.tree.checksum("/a")).hash, sha256("two"));
});
