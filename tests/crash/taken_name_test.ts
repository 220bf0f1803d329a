/**
 * An upload that is to replace, whose name was free when it began and is taken when it ends: what
 * took it is replaced and no sooner gone than the upload is live, whenever the power is cut.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { LocalStore } from "../../storage/disk/files/local_store.ts";
import type { StepHook } from "../../storage/contract/step.ts";
import type { Store } from "../../storage/disk/interfaces/store.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { Vault, type View } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";
import { COMMIT_STEPS } from "./commit_steps.ts";

const UPTO_ACKNOWLEDGED = COMMIT_STEPS.slice(0, -1);
/** Steps of the commit that fails at the name (it publishes nothing), and of the one that follows. */
const STEPS = UPTO_ACKNOWLEDGED.concat(UPTO_ACKNOWLEDGED.slice(2));
const LIVE = STEPS.lastIndexOf("commit: live");

const encode = (text: string) => new TextEncoder().encode(text);

async function open(store: Store, catalog: MemoryCatalog, step?: StepHook): Promise<View> {
  const vault = await Vault.open({ store, catalog, ...(step && { step }) });
  if (await catalog.account("alice") === undefined) await addAccount(vault, "alice");
  const principal = { account: "alice", generation: 1, address: "127.0.0.1", sessionId: "test" };
  return vault.enter({ ...principal, door: "ftp" });
}

async function begin(view: View, text: string): Promise<Upload> {
  const opening = await view.transfers.upload({
    path: "/f.txt",
    ifExists: "overwrite",
    recordLate: true,
  });
  assert("upload" in opening);
  await opening.upload.write(encode(text));
  return opening.upload;
}

async function assertContent(view: View, text: string): Promise<void> {
  assertEquals((await view.tree.list("/")).entries.map(({ name }) => name), ["f.txt"]);
  const download = await view.transfers.download("/f.txt");
  const bytes = new Uint8Array(download.record.size);
  await download.read(bytes, 0);
  await download.finish();
  download.close();
  assertEquals(new TextDecoder().decode(bytes), text);
  assertEquals((await view.account.usage()).usedBytes, text.length);
}

for (let cutAt = 0; cutAt <= STEPS.length; cutAt++) {
  const where = cutAt < STEPS.length
    ? `power cut at step ${cutAt + 1}, "${STEPS[cutAt]}"`
    : "no cut";
  Deno.test(`a name that was taken meanwhile, ${where}: one of both contents, whole`, async () => {
    const store = new MemoryStore();
    const catalog = new MemoryCatalog();
    const reached: string[] = [];
    let watching = false;
    const outage = Promise.withResolvers<void>();
    const view = await open(store, catalog, async (step) => {
      if (!watching || !step.startsWith("commit:")) return;
      reached.push(step);
      if (reached.length <= cutAt) return;
      outage.resolve();
      await new Promise(() => {});
    });
    const upload = await begin(view, "new content");
    await (await begin(view, "meanwhile")).finish();
    watching = true;
    await Promise.race([upload.finish(), outage.promise]);
    assertEquals(reached, STEPS.slice(0, cutAt + 1));
    store.crash();
    catalog.crash();
    await assertContent(await open(store, catalog), cutAt >= LIVE ? "new content" : "meanwhile");
  });
}

Deno.test("a name that was taken meanwhile by a directory: the upload is refused", async () => {
  const root = await Deno.makeTempDir();
  try {
    const view = await open(new LocalStore(root), new MemoryCatalog());
    const upload = await begin(view, "new content");
    await view.tree.makeDirectory("/f.txt");
    assertErrorLike(await assertRejects(() => upload.finish()), { kind: "is-directory" });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("a name that was taken meanwhile by hand: it is replaced, on disk too", async () => {
  const root = await Deno.makeTempDir();
  try {
    const view = await open(new LocalStore(root), new MemoryCatalog());
    const upload = await begin(view, "new content");
    await Deno.writeTextFile(`${root}/users/a/alice/files/f.txt`, "by hand");
    await upload.finish();
    await assertContent(view, "new content");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
