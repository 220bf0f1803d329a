/** Two workers act at once on the same names, or on the same upload. */
import { delay } from "@std/async";
import { assert, assertEquals, assertRejects, fail } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import { ChannelBus } from "../../server/process/bus.ts";
import { isStoreError, type StoreErrorKind } from "../../storage/contract/error.ts";
import { until } from "../support/native.ts";
import { sha256 } from "../support/raw_client.ts";
import { assertSound, put, stopAt, type TestWorker, Workers } from "../support/workers.ts";
import { catalogOf, diskCatalogOf } from "../support/vault.ts";
import { ALL } from "../support/pages.ts";
import { diskTest } from "../support/engine.ts";

/** Two workers, of which the first stops at a step until it may go on. */
async function twoWorkers(workers: Workers, step: string) {
  const other = await workers.open();
  const { hook, reached, goOn } = stopAt(step);
  const held = await workers.open({ step: hook });
  return { held, other, reached, goOn };
}

/** Reports whether running work has ended. */
function watched<T>(work: Promise<T>): { work: Promise<T>; ended: () => boolean } {
  let ended = false;
  work.catch(() => {}).finally(() => ended = true);
  return { work, ended: () => ended };
}

/** Waits until a further claim is noted that cannot be had yet. */
async function claims({ vault }: TestWorker, count: number): Promise<void> {
  await until(
    `${count} claims are noted`,
    async () => (await diskCatalogOf(vault).claims.all()).length === count,
  );
}

/** Gives what must wait for others the time to go on by mistake. */
const awhile = () => delay(60);

const refusedAs = (...kinds: StoreErrorKind[]) => (error: unknown) => isStoreError(error, ...kinds);

for (const step of ["commit: intent noted", "commit: published", "commit: directory synced"]) {
  diskTest(`an upload is at "${step}": a rename above it waits, and takes it along`, async () => {
    await using workers = new Workers();
    const { held, other, reached, goOn } = await twoWorkers(workers, step);
    await held.view.tree.makeDirectory("/dir");
    const upload = put(held.view, "/dir/f", "hello");
    await reached;
    const rename = watched(other.view.tree.rename("/dir", "/moved"));
    await claims(other, 1);
    await awhile();
    assertEquals(rename.ended(), false);
    goOn();
    assertEquals(await upload, "/dir/f");
    assertEquals(await rename.work, "/moved");
    await assertSound(other, { "moved/f": "hello" });
  });

  diskTest(
    `an overwriting upload is at "${step}": removals and renames of the name wait`,
    async () => {
      const changes: [change: (worker: TestWorker) => Promise<unknown>, left: string | null][] = [
        [({ view }) => view.tree.remove("/dir/f"), null],
        [({ view }) => view.tree.removeDirectory("/dir", { recursive: true }), null],
        [({ view }) => view.tree.rename("/dir/f", "/g"), "g"],
        [({ view }) => view.tree.rename("/other", "/dir/f", { overwrite: true }), "dir/f"],
      ];
      for (const [change, left] of changes) {
        await using workers = new Workers();
        const { held, other, reached, goOn } = await twoWorkers(workers, step);
        await other.view.tree.makeDirectory("/dir");
        await put(other.view, "/dir/f", "old");
        const replaces = left === "dir/f";
        if (replaces) await put(other.view, "/other", "another");
        const upload = put(held.view, "/dir/f", "new", { ifExists: "overwrite" });
        await reached;
        const changing = watched(change(other));
        await awhile();
        assertEquals(changing.ended(), false);
        goOn();
        await upload;
        await changing.work;
        const files: Record<string, string> = left === null
          ? {}
          : { [left]: replaces ? "another" : "new" };
        await assertSound(other, files);
      }
    },
  );
}

for (const step of ["rename: intent noted", "rename: renamed"]) {
  diskTest(
    `a directory's rename is at "${step}": an upload into it waits, and is refused`,
    async () => {
      await using workers = new Workers();
      const { held, other, reached, goOn } = await twoWorkers(workers, step);
      await held.view.tree.makeDirectory("/dir");
      await put(other.view, "/dir/before", "before");
      const opening = await other.view.transfers.upload({ path: "/dir/f" });
      assert("upload" in opening);
      const { upload } = opening;
      await upload.write(new TextEncoder().encode("hello"));
      const rename = held.view.tree.rename("/dir", "/moved");
      await reached;
      const finish = watched(upload.finish());
      await awhile();
      assertEquals(finish.ended(), false);
      goOn();
      await rename;
      assertErrorWhere(await assertRejects(() => finish.work), refusedAs("not-found"));
      await assertSound(other, { "moved/before": "before" });
      // Sent bytes are not lost: the upload continues in its directory's present place.
      const { upload: resumed } = await other.view.transfers.resume({ id: upload.id });
      assertEquals(resumed.offset, 5);
      assertEquals((await resumed.finish()).path, "/moved/f");
      await assertSound(other, { "moved/before": "before", "moved/f": "hello" });
    },
  );

  diskTest(`a rename is at "${step}": one that crosses it waits, and neither is lost`, async () => {
    await using workers = new Workers();
    const { held, other, reached, goOn } = await twoWorkers(workers, step);
    await other.view.tree.makeDirectory("/a");
    await other.view.tree.makeDirectory("/b");
    await put(other.view, "/a/f", "of a");
    await put(other.view, "/b/f", "of b");
    const rename = held.view.tree.rename("/a", "/b/a");
    await reached;
    const crossing = watched(other.view.tree.rename("/b", "/a/b"));
    await awhile();
    assertEquals(crossing.ended(), false);
    goOn();
    await rename;
    assertErrorWhere(
      await assertRejects(() => crossing.work),
      refusedAs("not-found", "not-directory"),
    );
    await assertSound(other, { "b/a/f": "of a", "b/f": "of b" });
  });
}

diskTest(
  "a file is being shared or linked: it is renamed behind that, and the share goes along",
  async () => {
    await using workers = new Workers();
    const sharer = await workers.open();
    const other = await workers.open();
    const { shares, links } = catalogOf(sharer.vault);
    for (const kind of ["share", "link"] as const) {
      await put(other.view, "/f", "meant for others");
      const { hook, reached, goOn } = stopAt("noted");
      const [book, method] = kind === "share" ? [shares, "put"] as const : [links, "add"] as const;
      const note = Reflect.get(book, method).bind(book);
      Reflect.set(book, method, async (...args: unknown[]) => {
        await hook("noted");
        return await note(...args);
      });
      const making = kind === "share"
        ? sharer.view.sharing.share({ path: "/f", guest: "bob", letters: "r" })
        : sharer.view.links.make({ path: "/f" });
      await reached;
      // The next file of the name is not the one to be given out.
      const changes = watched((async () => {
        await other.view.tree.rename("/f", "/moved");
        await put(other.view, "/f", "not meant for others");
      })());
      await claims(other, 1);
      await awhile();
      assertEquals(changes.ended(), false);
      goOn();
      await making;
      await changes.work;
      Reflect.set(book, method, note);
      const given = kind === "share" ? await shares.by("alice", ALL) : await links.of("alice", ALL);
      assertEquals(given.map(({ path }) => path), ["/moved"]);
      await other.view.tree.remove("/f");
      await other.view.tree.remove("/moved");
    }
  },
);

diskTest(
  "an upload is taken from a worker whose sync is slow: nothing that worker does later counts",
  async () => {
    await using workers = new Workers();
    const name = crypto.randomUUID();
    const buses = [new ChannelBus(name, 1), new ChannelBus(name, 1)] as const;
    try {
      const other = await workers.open({ bus: buses[0] });
      const { hook, reached, goOn } = stopAt("checkpoint: synced");
      const slow = await workers.open({ bus: buses[1], step: hook });
      const beginning = new Uint8Array(3_000_000).fill(1);
      const opening = await slow.view.transfers.upload({ path: "/f" });
      assert("upload" in opening);
      const { upload: old } = opening;
      await old.write(beginning);
      const checkpoint = old.part.checkpoint();
      await reached;
      const parts = `${workers.data}/users/a/alice/parts`;
      using late = Deno.openSync(`${parts}/${old.id}.part`, { write: true });
      // The bus waits a second for the one who does not answer.
      const { upload } = await other.view.transfers.resume({ id: old.id });
      const from = upload.offset;
      await upload.write(beginning.subarray(from));
      await upload.write(new TextEncoder().encode("tail"));
      await upload.part.checkpoint();
      const noted = await diskCatalogOf(other.vault).upload(old.id);
      assertEquals(noted!.offsetBytes, beginning.length + 4);

      goOn();
      assertErrorWhere(await assertRejects(() => checkpoint), refusedAs("aborted"));
      assertErrorWhere(await assertRejects(() => old.part.checkpoint()), refusedAs("aborted"));
      const { record } = old.part;
      const safe = { offset: 1, hash: sha256("x") };
      assertEquals(await diskCatalogOf(slow.vault).noteProgress(record, safe, Date.now()), false);
      // A write that the disk had not done yet goes nowhere.
      late.writeSync(new TextEncoder().encode("late"));
      assertErrorWhere(await assertRejects(() => old.finish()), refusedAs("aborted"));
      assertEquals(await diskCatalogOf(other.vault).upload(old.id), noted);
      const { offset } = JSON.parse(Deno.readTextFileSync(`${parts}/${old.id}.json`));
      assertEquals(offset, beginning.length + 4);

      await upload.finish();
      const bytes = Deno.readFileSync(`${workers.data}/users/a/alice/files/f`);
      assertEquals(bytes.length, beginning.length + 4);
      assert(bytes.subarray(0, beginning.length).every((byte) => byte === 1));
      assertEquals(new TextDecoder().decode(bytes.subarray(beginning.length)), "tail");
      await assertSound(other, { f: new TextDecoder().decode(bytes) });
      assertEquals([...Deno.readDirSync(parts)], []);
    } finally {
      for (const bus of buses) bus.close();
    }
  },
);

for (const end of ["finish", "discard"] as const) {
  diskTest(
    `an upload that comes back to the worker that made it leaves nothing: ${end}`,
    async () => {
      await using workers = new Workers();
      const [first, second] = [await workers.open(), await workers.open()];
      const opening = await first.view.transfers.upload({ path: "/f", sizeBytes: 6 });
      assert("upload" in opening);
      await opening.upload.suspend(); // before it has a checkpoint: the other worker makes the first
      const content = new TextEncoder().encode("abcdef");
      const { upload: there } = await second.view.transfers.resume({ id: opening.upload.id });
      await there.write(content.subarray(0, 3));
      await there.suspend();
      if (end === "discard") await first.view.transfers.discard(opening.upload.id);
      else {
        const { upload: back } = await first.view.transfers.resume({ id: opening.upload.id });
        await back.write(content.subarray(3));
        await back.finish();
      }
      assertEquals([...Deno.readDirSync(`${workers.data}/users/a/alice/parts`)], []);
      await assertSound(second, end === "finish" ? { f: "abcdef" } : {});
    },
  );
}

diskTest("a checkpoint without a part is no upload after a failure", async () => {
  await using workers = new Workers();
  const { view } = await workers.open();
  const holder = crypto.randomUUID();
  const dead = await workers.open({ holder });
  const opening = await dead.view.transfers.upload({ path: "/f", sizeBytes: 6 });
  assert("upload" in opening);
  await opening.upload.write(new Uint8Array(3));
  await opening.upload.suspend();
  const { id } = opening.upload;
  const parts = `${workers.data}/users/a/alice/parts`;
  const text = Deno.readTextFileSync(`${parts}/${id}.json`);
  await dead.view.transfers.discard(id);
  Deno.writeTextFileSync(`${parts}/${id}.json`, text);
  await workers.open({ recover: { holders: [holder] } });
  for await (const { record } of await view.transfers.unfinished()) fail(record.id);
  assertEquals([...Deno.readDirSync(parts)], []);
});

diskTest(
  "a claim that one worker releases soon is gone for others with its next write, or by itself",
  async () => {
    await using workers = new Workers();
    const one = await workers.open();
    const other = await workers.open();
    const claim = { id: "1", owner: "alice", paths: ["/f"], holder: one.vault.holder };
    for (const write of [true, false]) {
      assertEquals(await diskCatalogOf(one.vault).claims.claim(claim), "ready");
      diskCatalogOf(one.vault).claims.releaseSoon(claim);
      if (write) await diskCatalogOf(one.vault).modes.set("alice", "/g", 0o600);
      await until("the claim is gone", async () => {
        return (await diskCatalogOf(other.vault).claims.all()).length === 0;
      });
    }
  },
);
