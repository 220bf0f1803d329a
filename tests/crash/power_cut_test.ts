/**
 * Power cuts at every step of commit, checkpoint, delete, rename and of recovery itself, with all
 * that was not synced dropped: over the in-memory pair, which knows what was made durable.
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { MemoryStore } from "../support/simulated/memory_store.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { Vault, type View } from "../support/vault.ts";
import { addAccount } from "../support/in_process.ts";
import { sha256 } from "../support/raw_client.ts";
import { COMMIT_STEPS } from "./commit_steps.ts";

/** Steps of an upload that keeps what it replaces, in the order of all. */
const KEEPING_STEPS = COMMIT_STEPS.flatMap((step) => {
  if (step === "commit: intent noted") return [step, "commit: version noted"];
  if (step === "commit: staged") return [step, "commit: version published"];
  return [step];
});
const CHECKPOINT_STEPS = ["checkpoint: synced", "checkpoint: written", "checkpoint: saved"];
const RECOVERY_STEPS = [
  "recovery: finished part removed",
  "recovery: rename settled",
  "recovery: unpublished",
  "recovery: part found",
];

/** A process that ends for good at one step: nothing it awaits there ever goes on. */
class Machine {
  readonly store = new MemoryStore();
  readonly catalog = new MemoryCatalog();
  readonly reached = new Set<string>();

  /** Runs `work` on a vault that loses its power at the first `step`; whether it was reached. */
  async run(step: string | undefined, work: (view: View) => Promise<void>): Promise<boolean> {
    let cut = () => {};
    const outage = new Promise<true>((resolve) => cut = () => resolve(true));
    const hook = async (name: string) => {
      this.reached.add(name);
      if (name !== step) return;
      cut();
      await new Promise(() => {});
    };
    const living = (async () => {
      const vault = await Vault.open({ store: this.store, catalog: this.catalog, step: hook });
      await work(enter(vault));
      return false as const;
    })();
    const lost = await Promise.race([living, outage]);
    if (lost) {
      this.store.crash();
      this.catalog.crash();
    }
    return lost;
  }
}

function enter(vault: Vault): View {
  return vault.enter({
    account: "alice",
    generation: 1,
    door: "native",
    sessionId: "test",
    address: "127.0.0.1",
  });
}

async function machine(): Promise<Machine> {
  const made = new Machine();
  const vault = await Vault.open({ store: made.store, catalog: made.catalog });
  await addAccount(vault, "alice");
  return made;
}

async function put(
  view: View,
  path: string,
  text: string,
  options: {
    ifExists?: "overwrite" | "keep" | "version";
    pipelined?: boolean;
    began?: (id: string) => void;
  } = {},
): Promise<void> {
  const opening = await view.transfers.upload({
    path,
    ifExists: options.ifExists ?? "version",
    pipelined: options.pipelined ?? false,
  });
  assert("upload" in opening);
  options.began?.(opening.upload.id);
  await opening.upload.write(new TextEncoder().encode(text));
  await opening.upload.finish({ hash: sha256(text) });
}

async function finishResumed(view: View, id: string): Promise<void> {
  const { upload } = await view.transfers.resume({ id });
  await upload.write(new TextEncoder().encode("new content".slice(upload.offset)));
  await upload.finish({ hash: sha256("new content") });
}

async function content(view: View, path: string): Promise<string> {
  const download = await view.transfers.download(path);
  const bytes = new Uint8Array(download.record.size);
  await download.read(bytes, 0);
  await download.finish();
  download.close();
  return new TextDecoder().decode(bytes);
}

async function names(view: View): Promise<string[]> {
  return (await view.tree.list("/", { recursive: true })).entries.map(({ name }) => name);
}

/** Invariant after any crash: acknowledged files whole, nothing else, the count right. */
async function assertWhole(view: View, files: Record<string, string>): Promise<void> {
  assertEquals(await names(view), Object.keys(files).sort());
  let bytes = 0;
  for (const [name, text] of Object.entries(files)) {
    assertEquals(await content(view, `/${name}`), text);
    bytes += text.length;
  }
  assertEquals((await view.account.usage()).usedBytes, bytes);
}

for (const kind of ["new", "resumed", "version", "overwrite", "keep", "pipelined"] as const) {
  const steps = kind === "keep" ? KEEPING_STEPS : COMMIT_STEPS;
  for (const step of steps) {
    Deno.test(`power cut at "${step}" of a ${kind} upload: live, resumable or gone`, async () => {
      const it = await machine();
      const others: Record<string, string> = { "kept.txt": "kept" };
      const replaces = kind === "version" || kind === "overwrite" || kind === "keep";
      await it.run(undefined, async (view) => {
        await put(view, "/kept.txt", "kept");
        if (replaces) await put(view, "/f.txt", "old");
      });
      let acknowledged = false;
      let id = "";
      if (kind === "resumed") {
        await it.run(undefined, async (view) => {
          const opening = await view.transfers.upload({ path: "/f.txt" });
          assert("upload" in opening);
          id = opening.upload.id;
          await opening.upload.write(new TextEncoder().encode("new"));
          await opening.upload.suspend();
        });
      }
      const lost = await it.run(step, async (view) => {
        if (kind === "resumed") {
          await finishResumed(view, id);
          acknowledged = true;
          return;
        }
        const ifExists = kind === "overwrite" || kind === "keep" ? kind : "version";
        const began = (uploadId: string) => id = uploadId;
        await put(view, "/f.txt", "new content", {
          ifExists,
          pipelined: kind === "pipelined",
          began,
        });
        acknowledged = true;
      });
      assert(it.reached.has(step) || kind === "pipelined", `"${step}" was never reached`);
      if (!lost && kind === "pipelined") assertEquals(step, "commit: part removed");
      const finalName = kind === "version" ? "f_v2.txt" : "f.txt";
      const before = replaces ? { ...others, "f.txt": "old" } : others;
      const old: Record<string, string> = kind === "keep" ? { "f_v2.txt": "old" } : {};
      const after = { ...before, ...old, [finalName]: "new content" };

      await it.run(undefined, async (view) => {
        // A file is live before it is acknowledged: from then on it must exist.
        const live = steps.indexOf(step) >= steps.indexOf("commit: live");
        assert(!acknowledged || live);
        await assertWhole(view, live ? after : before);
        const unfinished = await Array.fromAsync(await view.transfers.unfinished());
        // Only what had reached a checkpoint is promised to be there.
        if (live) assertEquals(unfinished.length, 0);
        else if (kind === "resumed") assertEquals(unfinished.length, 1);
        if (unfinished.length === 0) return;
        await finishResumed(view, id);
        await assertWhole(view, after);
      });
    });
  }
}

for (const step of CHECKPOINT_STEPS) {
  Deno.test(`power cut at "${step}": the upload resumes at its last checkpoint`, async () => {
    const it = await machine();
    let id = "";
    const lost = await it.run(step, async (view) => {
      const opening = await view.transfers.upload({ path: "/f.bin" });
      assert("upload" in opening);
      id = opening.upload.id;
      await opening.upload.write(new TextEncoder().encode("0123456789"));
      await opening.upload.suspend();
    });
    assert(lost);
    await it.run(undefined, async (view) => {
      await assertWhole(view, {});
      const safe = step === "checkpoint: synced" ? 0 : 10;
      const resumed = await view.transfers.resume({ id }).catch((error) => {
        if (safe === 0 && isStoreError(error, "transfer-not-found")) return undefined;
        throw error;
      });
      if (resumed === undefined) return;
      assertStrictEquals(resumed.upload.offset, safe);
      await resumed.upload.write(new TextEncoder().encode("0123456789abc".slice(safe)));
      await resumed.upload.finish({ hash: sha256("0123456789abc") });
      await assertWhole(view, { "f.bin": "0123456789abc" });
    });
  });
}

Deno.test("power cut between a delete's steps: the file is there, or gone", async () => {
  const it = await machine();
  await it.run(undefined, (view) => put(view, "/f.txt", "text"));
  assert(await it.run("remove: forgotten", (view) => view.tree.remove("/f.txt")));
  await it.run(undefined, async (view) => {
    assertEquals(await content(view, "/f.txt"), "text");
    assertEquals((await view.account.usage()).usedBytes, 4);
    await view.tree.remove("/f.txt");
    await assertWhole(view, {});
  });
});

for (const step of ["rename: intent noted", "rename: renamed"]) {
  Deno.test(`power cut at "${step}": the directory has one of its two names`, async () => {
    const it = await machine();
    await it.run(undefined, async (view) => {
      await view.tree.makeDirectory("/a");
      await put(view, "/a/f.txt", "text");
    });
    assert(await it.run(step, async (view) => void await view.tree.rename("/a", "/b")));
    await it.run(undefined, async (view) => {
      const name = step === "rename: renamed" ? "b" : "a";
      assertEquals(await names(view), [name, `${name}/f.txt`]);
      // The checksum has followed: it is known without reading the file again.
      const { hash } = await view.tree.describe(`/${name}/f.txt`);
      assertEquals(hash, sha256("text"));
      assertEquals((await view.account.usage()).usedBytes, 4);
    });
  });
}

/** Preparation for each step of recovery: a crash there, then another in the recovery from it. */
const BEFORE_RECOVERY: Record<string, { step: string; rename?: boolean }> = {
  "recovery: finished part removed": { step: "commit: acknowledged" },
  "recovery: rename settled": { step: "rename: renamed", rename: true },
  "recovery: unpublished": { step: "commit: published" },
  "recovery: part found": { step: "commit: synced" },
};

for (const step of RECOVERY_STEPS) {
  Deno.test(`power cut at "${step}": the next recovery ends as the first would have`, async () => {
    const it = await machine();
    const { step: first, rename } = BEFORE_RECOVERY[step]!;
    const pipelined = step === "recovery: part found";
    await it.run(undefined, (view) => put(view, "/kept.txt", "kept"));
    assert(
      await it.run(first, async (view) => {
        if (rename) await view.tree.rename("/kept.txt", "/moved.txt");
        else await put(view, "/f.txt", "text", { pipelined });
      }),
    );
    const found = await it.run(step, () => Promise.resolve());
    assert(found || pipelined, "the second power cut was never reached");
    await it.run(undefined, async (view) => {
      const files: Record<string, string> = rename
        ? { "moved.txt": "kept" }
        : { "kept.txt": "kept" };
      if (first === "commit: acknowledged") files["f.txt"] = "text";
      await assertWhole(view, files);
    });
  });
}

for (
  const first of ["commit: version published", "commit: published", "commit: directory synced"]
) {
  Deno.test(`recovery from "${first}" is cut as well: the file to be replaced is back, once`, async () => {
    const it = await machine();
    await it.run(undefined, (view) => put(view, "/f.txt", "old"));
    assert(await it.run(first, (view) => put(view, "/f.txt", "new", { ifExists: "keep" })));
    assert(await it.run("recovery: unpublished", () => Promise.resolve()));
    await it.run(undefined, (view) => assertWhole(view, { "f.txt": "old" }));
  });
}
