/** Content that was hashed lately is not hashed again for one who hashes it (storage/proofs.ts). */
import assert from "node:assert/strict";
import { isStoreError } from "../../storage/error.ts";
import { MemoryCatalog } from "../../storage/memory_catalog.ts";
import { MemoryStore } from "../../storage/memory_store.ts";
import { type Inode, NOTED_BYTES, Proofs } from "../../storage/proofs.ts";
import type { Content, PartContent } from "../../storage/store.ts";
import { Vault, type View } from "../../storage/vault.ts";
import { addAccount } from "../support/in_process.ts";

const inode = (state: string, changedMs = 0): Inode => ({ state, changedMs });

Deno.test("a proof holds for its state and its checksum alone", () => {
  const proofs = new Proofs();
  assert(!proofs.hold(inode("a"), "hash"));
  proofs.note(inode("a"), "hash");
  assert(proofs.hold(inode("a"), "hash"));
  assert(!proofs.hold(inode("a"), "other"));
  assert(!proofs.hold(inode("b"), "hash"));
  assert(!proofs.hold(undefined, "hash"));
  proofs.note(undefined, "hash");
  assert(!proofs.hold(undefined, "hash"));
});

Deno.test("a proof ends after an hour", () => {
  let nowMs = 0;
  const proofs = new Proofs(() => nowMs);
  proofs.note(inode("a"), "hash");
  nowMs = 3600_000 - 1;
  assert(proofs.hold(inode("a"), "hash"));
  nowMs = 3600_000;
  assert(!proofs.hold(inode("a"), "hash"));
});

Deno.test("what was read proves its state where nothing can have hidden in it", () => {
  const cases: [string, Inode, Inode, number, boolean][] = [
    ["unchanged for long", inode("a", 1000), inode("a", 1000), 2000, true],
    ["changed while it was read", inode("a", 1000), inode("b", 1000), 2000, false],
    ["changed a moment before", inode("a", 1000), inode("a", 1000), 1010, false],
    ["changed in the future", inode("a", 3000), inode("a", 3000), 2000, false],
  ];
  for (const [what, before, after, begunMs, holds] of cases) {
    const proofs = new Proofs();
    proofs.noteRead(before, after, begunMs, "hash");
    assert.equal(proofs.hold(before, "hash"), holds, what);
  }
});

Deno.test("the oldest of many proofs are forgotten", () => {
  const proofs = new Proofs();
  for (let i = 0; i < 2000; i++) proofs.note(inode(`${i}`), "hash");
  assert(!proofs.hold(inode("0"), "hash"));
  assert(proofs.hold(inode("1999"), "hash"));
});

/** A store whose files can be made to read otherwise than they were written. */
class Altering extends MemoryStore {
  state = "first";
  altered = false;

  override createPart(account: string, id: string): PartContent {
    return Object.assign(super.createPart(account, id), { inode: () => inode(this.state) });
  }

  override async open(account: string, path: string): Promise<Content> {
    const content = await super.open(account, path);
    const read = content.read.bind(content);
    return Object.assign(content, {
      inode: () => inode(this.state),
      read: async (into: Uint8Array, offsetBytes: number) => {
        const count = await read(into, offsetBytes);
        if (this.altered && offsetBytes === 0) into[0]! ^= 1;
        return count;
      },
    });
  }
}

async function withFile(run: (store: Altering, view: View) => Promise<void>, bytes = NOTED_BYTES) {
  const store = new Altering();
  const vault = await Vault.open({ store, catalog: new MemoryCatalog() });
  await addAccount(vault, "alice");
  const session = { sessionId: "1", address: "127.0.0.1", door: "native" } as const;
  const view = vault.enter({ account: "alice", generation: 1, ...session });
  const opening = await view.upload({ path: "/f", sizeBytes: bytes });
  assert("upload" in opening);
  await opening.upload.write(new Uint8Array(bytes));
  await opening.upload.finish();
  await run(store, view);
}

/** Reads all of the file. @returns whether the server found it right, or did not look */
async function passes(view: View, receiverProves: boolean): Promise<boolean> {
  const download = await view.download("/f", { receiverProves });
  try {
    const piece = new Uint8Array(1024 * 1024);
    for (let at = 0; at < download.record.size; at += piece.length) await download.read(piece, at);
    await download.finish();
    return true;
  } catch (error) {
    assert(isStoreError(error, "checksum"));
    return false;
  } finally {
    download.close();
  }
}

Deno.test("an upload proves its file, for receivers who prove it themselves", async () => {
  await withFile(async (store, view) => {
    store.altered = true;
    assert.equal(await passes(view, true), true, "not hashed again");
    assert.equal(await passes(view, false), false, "hashed for everyone else");
  });
});

Deno.test("a file that was touched since is hashed", async () => {
  await withFile(async (store, view) => {
    store.state = "second";
    store.altered = true;
    assert.equal(await passes(view, true), false);
  });
});

Deno.test("a download proves what it read, for the next", async () => {
  await withFile(async (store, view) => {
    store.state = "second";
    assert.equal(await passes(view, false), true);
    store.altered = true;
    assert.equal(await passes(view, true), true);
  });
});

Deno.test("smaller content is always hashed", async () => {
  await withFile(async (store, view) => {
    store.altered = true;
    assert.equal(await passes(view, true), false);
  }, NOTED_BYTES / 2);
});
