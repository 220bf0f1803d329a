/** Conditions on a change hold until it is done, in every worker (storage/access/condition.ts). */
import { delay } from "@std/async";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import type { Condition } from "../../storage/contract/condition.ts";
import { isStoreError, StoreError } from "../../storage/contract/error.ts";
import { LocalStore } from "../../storage/disk/files/local_store.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import type { StepHook } from "../../storage/contract/step.ts";
import { catalogOf, diskCatalogOf, Vault, type View } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";
import { sha256 } from "../support/raw_client.ts";

/** Two vaults on one data directory, as two workers have them. */
async function twoWorkers(run: (views: View[], first: Vault) => Promise<void>, step?: StepHook) {
  const data = await Deno.makeTempDir();
  const durability = "relaxed";
  const vaults: Vault[] = [];
  try {
    for (const recover of [true, false]) {
      const catalog = SqliteCatalog.open(`${data}/catalog.db`, { durability });
      const store = new LocalStore(data, { durability });
      vaults.push(await Vault.open({ store, catalog, recover, ...(step ? { step } : {}) }));
    }
    await addAccount(vaults[0]!, "alice");
    const views = vaults.map((vault, index) =>
      vault.enter({
        account: "alice",
        generation: 1,
        sessionId: `s${index}`,
        address: "127.0.0.1",
        door: "web",
      })
    );
    await run(views, vaults[0]!);
  } finally {
    for (const vault of vaults) await vault.close();
    await Deno.remove(data, { recursive: true });
  }
}

/** Holds for a file with this content only. */
function only(content: string): Condition {
  return {
    pins: false, // what is tested is the look at the end
    check(current) {
      if (current?.type === "file" && current.hash === sha256(content)) return;
      throw new StoreError("changed", "It is another content");
    },
  };
}

async function begin(view: View, content: string, condition?: Condition) {
  const opening = await view.transfers.upload({
    path: "/f",
    ifExists: "overwrite",
    ...(condition === undefined ? {} : { condition }),
  });
  assert("upload" in opening);
  await opening.upload.write(new TextEncoder().encode(content));
  return opening.upload;
}

const put = async (view: View, content: string) => (await begin(view, content)).finish();

async function outcomes(work: Promise<unknown>[]): Promise<{ done: number; changed: number }> {
  const settled = await Promise.allSettled(work);
  for (const result of settled) {
    if (result.status === "rejected") {
      assert(isStoreError(result.reason, "changed", "not-found"), String(result.reason));
    }
  }
  const done = settled.filter(({ status }) => status === "fulfilled").length;
  return { done, changed: settled.length - done };
}

Deno.test("of many uploads that replace one content, one in any worker does", async () => {
  await twoWorkers(async (views) => {
    for (let round = 0; round < 10; round++) {
      const before = `round ${round}`;
      await put(views[0]!, before);
      const uploads = await Promise.all(
        Array.from(
          { length: 6 },
          (_, i) => begin(views[i % 2]!, `${before} by ${i}`, only(before)),
        ),
      );
      const ended = await outcomes(uploads.map((upload) => upload.finish()));
      assertEquals(ended, { done: 1, changed: 5 });
      const now = (await views[1]!.tree.checksum("/f")).hash;
      assert(uploads.some((_, i) => now === sha256(`${before} by ${i}`)));
      assertEquals(await Array.fromAsync(await views[0]!.transfers.unfinished()), []);
    }
  });
});

Deno.test("what a removal did not see is not removed", async () => {
  await twoWorkers(async (views) => {
    for (let round = 0; round < 20; round++) {
      const before = `round ${round}`;
      await put(views[0]!, before);
      const upload = await begin(views[1]!, `after ${round}`);
      const removal = views[0]!.tree.remove("/f", { condition: only(before) });
      const [removed] = await Promise.allSettled([removal, upload.finish()]);
      if (removed!.status === "rejected") {
        assert(isStoreError(removed!.reason, "changed"), String(removed!.reason));
      }
      // Whichever came first, the upload was acknowledged and is there.
      assertEquals((await views[0]!.tree.checksum("/f")).hash, sha256(`after ${round}`));
    }
  });
});

Deno.test("an upload that ends while a removal looks is neither lost nor counted twice", async () => {
  let between: (() => Promise<unknown>) | undefined;
  const step: StepHook = async (name) => {
    if (name !== "remove: forgotten") return;
    between?.();
    await delay(20);
  };
  await twoWorkers(async (views, vault) => {
    await put(views[0]!, "before");
    const upload = await begin(views[1]!, "after");
    let finished: Promise<unknown> | undefined;
    between = () => finished = upload.finish();
    await views[0]!.tree.remove("/f", { condition: only("before") });
    await finished;
    assertEquals((await views[0]!.tree.checksum("/f")).hash, sha256("after"));
    assertEquals((await catalogOf(vault).usage("alice")).usedBytes, 5);
    assertEquals(await diskCatalogOf(vault).commitIntents(), []);
  }, step);
});

Deno.test("a condition needs the letter r: its answer reveals the content", async () => {
  await twoWorkers(async (views, vault) => {
    await put(views[0]!, "before");
    await catalogOf(vault).setLetters("alice", "wd");
    const condition = only("guess");
    assertErrorWhere(
      await assertRejects(() => begin(views[0]!, "x", condition)),
      (e) => isStoreError(e, "denied"),
    );
    assertErrorWhere(
      await assertRejects(() => views[0]!.tree.remove("/f", { condition })),
      (e) => isStoreError(e, "denied"),
    );
  });
});
