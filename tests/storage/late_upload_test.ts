/** Uploads whose commit is slow, while what came later is acknowledged: they replace nothing of it. */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { Arrivals, arrivals } from "../../storage/contract/arrivals.ts";
import { sha256 } from "../support/raw_client.ts";
import { assertSound, put, stopAt, type TestWorker, Workers } from "../support/workers.ts";
import { catalogOf } from "../support/vault.ts";
import type { UploadRequest } from "../../storage/transfer/transfers.ts";
import type { Upload } from "../../storage/transfer/upload.ts";
import { ON_CLUSTER, ON_DISK, STEPS } from "../support/engine.ts";

/** A delay that matters, ms. */
const LAG_MS = 300;
const OVERWRITE = { ifExists: "overwrite" } as const;
/** Without a record before its end, and with one. */
const KINDS: Partial<UploadRequest>[] = [{ pipelined: true }, {}];

/** Actions of the other worker while an upload of "late" over "old" is being finished. */
async function meanwhile(
  step: string,
  request: Partial<UploadRequest>,
  change: (other: TestWorker) => Promise<unknown>,
): Promise<{ workers: Workers; other: TestWorker; path: string }> {
  const workers = new Workers();
  const other = await workers.open();
  const { hook, reached, goOn } = stopAt(step);
  const held = await workers.open({ step: hook });
  await put(other.view, "/f", "old");
  const late = put(held.view, "/f", "late", request);
  await reached;
  await change(other);
  goOn();
  return { workers, other, path: await late };
}

for (const step of [STEPS.verified, STEPS.stored]) {
  for (const kind of KINDS) {
    const request = { ...OVERWRITE, ...kind };
    const name = `an upload ${kind.pipelined ? "without" : "with"} a record is at "${step}"`;

    Deno.test(`${name}: it does not replace what arrived later`, async () => {
      const changes: ((other: TestWorker) => Promise<unknown>)[] = [
        ({ view }) => put(view, "/f", "newer", OVERWRITE),
        async ({ view }) => {
          await put(view, "/g", "newer");
          await view.tree.rename("/g", "/f", { overwrite: true });
        },
        async ({ view }) => {
          await view.tree.remove("/f");
          await put(view, "/f", "newer");
        },
      ];
      for (const change of changes) {
        const { workers, other, path } = await meanwhile(step, request, change);
        await using _ = workers;
        assertEquals(path, "/f");
        await assertSound(other, { f: "newer" });
        if (ON_DISK) assertEquals([...Deno.readDirSync(`${workers.data}/users/a/alice/parts`)], []);
        // The next one is stored as ever.
        await put(other.view, "/f", "next", OVERWRITE);
        await assertSound(other, { f: "next" });
      }
    });

    Deno.test(`${name}: it does not bring back a file removed later`, async () => {
      const { workers, other } = await meanwhile(
        step,
        request,
        ({ view }) => view.tree.remove("/f"),
      );
      await using _ = workers;
      await assertSound(other, {});
      await put(other.view, "/f", "next", OVERWRITE);
      await assertSound(other, { f: "next" });
    });
  }

  Deno.test(`an upload is at "${step}" in the only worker: it does not bring back what was removed`, async () => {
    const removals: ((worker: TestWorker) => Promise<unknown>)[] = [
      ({ view }) => view.tree.remove("/d/f"),
      async ({ view }) => {
        await view.tree.removeDirectory("/d", { recursive: true });
        await view.tree.makeDirectory("/d");
      },
    ];
    for (const remove of removals) {
      await using workers = new Workers();
      const { hook, reached, goOn } = stopAt(step);
      let isHeld = false;
      const worker = await workers.open({
        alone: true,
        step: async (name) => {
          if (isHeld) await hook(name);
        },
      });
      await worker.view.tree.makeDirectory("/d");
      await put(worker.view, "/d/f", "old");
      isHeld = true;
      const late = put(worker.view, "/d/f", "late", OVERWRITE);
      await reached;
      await remove(worker);
      isHeld = false;
      goOn();
      assertEquals(await late, "/d/f"); // it was there for a moment, and was removed
      await assertSound(worker, {});
      await put(worker.view, "/d/f", "next", OVERWRITE);
      await assertSound(worker, { "d/f": "next" });
    }
  });

  Deno.test(`an upload is at "${step}": where the replaced file is kept, it becomes a version`, async () => {
    const keep = { ifExists: "keep" } as const;
    const { workers, other, path } = await meanwhile(
      step,
      keep,
      ({ view }) => put(view, "/f", "newer", keep),
    );
    await using _ = workers;
    assertEquals(path, "/f_v3");
    await assertSound(other, { f: "newer", f_v2: "old", f_v3: "late" });
  });

  Deno.test(`an upload is at "${step}": a file renamed away stays there, and the upload gets its name`, async () => {
    const { workers, other } = await meanwhile(
      step,
      OVERWRITE,
      ({ view }) => view.tree.rename("/f", "/g"),
    );
    await using _ = workers;
    await assertSound(other, { f: "late", g: "old" });
  });
}

Deno.test("an upload arrives after one that is slow: it replaces that, in whatever order they go on", async () => {
  for (const step of [STEPS.verified, ON_DISK ? "commit: intent noted" : STEPS.stored]) {
    await using workers = new Workers();
    const slow = stopAt(STEPS.verified);
    const other = stopAt(step);
    const [first, second] = [
      await workers.open({ step: slow.hook }),
      await workers.open({ step: other.hook }),
    ];
    const earlier = put(first.view, "/f", "earlier", OVERWRITE);
    await slow.reached;
    const later = put(second.view, "/f", "later", OVERWRITE);
    await other.reached;
    slow.goOn();
    if (step === STEPS.verified) await earlier;
    other.goOn();
    await Promise.all([earlier, later]);
    await assertSound(second, { f: "later" });
  }
});

Deno.test("an upload that began before another and ends after it replaces it", async () => {
  await using workers = new Workers();
  const [one, other] = [await workers.open(), await workers.open()];
  const opening = await one.view.transfers.upload({ path: "/f", sizeBytes: 4, ...OVERWRITE });
  assert("upload" in opening);
  await opening.upload.write(new TextEncoder().encode("last"));
  await put(other.view, "/f", "first", OVERWRITE);
  await opening.upload.finish({ hash: sha256("last") });
  await assertSound(other, { f: "last" });
});

Deno.test("an upload has arrived when its last byte is there, not when the disk has taken it", async () => {
  await using workers = new Workers();
  const [one, other] = [await workers.open(), await workers.open()];
  const hash = sha256("late");
  const opening = await one.view.transfers.upload({ path: "/f", sizeBytes: 4, hash, ...OVERWRITE });
  assert("upload" in opening);
  await opening.upload.write(new TextEncoder().encode("late"));
  await put(other.view, "/f", "newer", OVERWRITE);
  await opening.upload.finish();
  await assertSound(other, { f: "newer" });
});

/** Begins an upload and has the server delay it while another one is acknowledged. */
async function delayed(
  workers: Workers,
): Promise<{ upload: Upload; other: TestWorker; delayMs: number }> {
  const [one, other] = [await workers.open(), await workers.open()];
  const opening = await one.view.transfers.upload({ path: "/f", ...OVERWRITE });
  assert("upload" in opening);
  const { upload } = opening;
  const begunMs = performance.now();
  await upload.delays.during(Promise.all([
    put(other.view, "/f", "newer", OVERWRITE),
    delay(LAG_MS),
  ]));
  return { upload, other, delayMs: performance.now() - begunMs };
}

Deno.test("an upload that the server delays has arrived when the delay begins", async () => {
  await using workers = new Workers();
  const { upload, other } = await delayed(workers);
  await upload.write(new TextEncoder().encode("late"));
  await upload.finish();
  await assertSound(other, { f: "newer" });
});

Deno.test("an upload whose client pauses after a delay arrives with its end", async () => {
  await using workers = new Workers();
  const { upload, other, delayMs } = await delayed(workers);
  await delay(delayMs + 1); // longer than all that the server did
  await upload.write(new TextEncoder().encode("last"));
  await upload.finish();
  await assertSound(other, { f: "last" });
});

Deno.test("an upload that the server delays, but before the other one began, arrives with its end", async () => {
  await using workers = new Workers();
  const [one, other] = [await workers.open(), await workers.open()];
  await put(other.view, "/f", "earlier", OVERWRITE);
  const opening = await one.view.transfers.upload({ path: "/f", ...OVERWRITE });
  assert("upload" in opening);
  await opening.upload.delays.during(delay(LAG_MS));
  await opening.upload.write(new TextEncoder().encode("last"));
  await opening.upload.finish();
  await assertSound(other, { f: "last" });
});

Deno.test("an upload is not before what another server has stored by the clock that they share", async () => {
  await using workers = new Workers();
  const { view } = await workers.open();
  const opening = await view.transfers.upload({ path: "/f", ...OVERWRITE });
  assert("upload" in opening);
  const { upload } = opening;
  const elsewhere = arrivals.last + 1000;
  const end = arrivals.follow(() => elsewhere);
  await upload.delays.during(delay(LAG_MS)).finally(end);
  await upload.write(new TextEncoder().encode("last"));
  await upload.finish();
  assert(upload.part.arrival! >= elsewhere);
});

Deno.test("a request has arrived when it was read, however long its login takes", async () => {
  await using workers = new Workers();
  const [one, other] = [await workers.open(), await workers.open()];
  const came = arrivals.now();
  await put(other.view, "/f", "newer", OVERWRITE);
  await delay(LAG_MS);
  const opening = await one.view.transfers.upload({ path: "/f", ...OVERWRITE });
  assert("upload" in opening);
  opening.upload.delays.since(came);
  await opening.upload.write(new TextEncoder().encode("late"));
  await opening.upload.finish();
  await assertSound(other, { f: "newer" });
});

Deno.test("an upload that is finished again by another worker arrives there", async () => {
  await using workers = new Workers();
  const { hook, reached, goOn } = stopAt(STEPS.verified);
  const other = await workers.open();
  const held = await workers.open({ step: hook });
  const stuck = put(held.view, "/f", "again", OVERWRITE);
  stuck.catch(() => {});
  await reached;
  await put(other.view, "/f", "between", OVERWRITE);
  const [pending] = await Array.fromAsync(await other.view.transfers.unfinished());
  const { upload } = await other.view.transfers.resume({ id: pending!.record.id });
  await upload.write(new TextEncoder().encode("again".slice(upload.offset)));
  await upload.finish();
  goOn();
  await stuck.catch(() => {});
  await assertSound(other, { f: "again" });
});

const numberedByClock = ON_CLUSTER; // tests/cluster/ has tests of that
const options = { ignore: numberedByClock };
Deno.test("numbers of a later start are above those of all earlier ones", options, async () => {
  await using workers = new Workers();
  const first = await workers.open();
  await put(first.view, "/f", "first");
  const { marks } = catalogOf(first.vault);
  let last = arrivals.last;
  for (let start = 0; start < 3; start++) {
    const next = new Arrivals();
    await next.reserve(marks);
    assert(next.next() > last);
    const same = next.last;
    await next.reserve(marks); // another worker of the same start
    assertEquals(next.last, same);
    last = next.next();
  }
});
