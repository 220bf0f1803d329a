/** The catalog in SQLite and the one in memory answer the same after any sequence of operations. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { DiskCatalog } from "../../storage/disk/interfaces/disk_catalog.ts";
import type { Claim } from "../../storage/disk/interfaces/claim_book.ts";
import { MemoryCatalog } from "../support/simulated/memory_catalog.ts";
import { isWithin } from "../../storage/contract/path.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import { account, file, intent, link, moveOf, share, upload } from "./suites/catalog_samples.ts";
import { ALL } from "../support/pages.ts";

type Step = (catalog: DiskCatalog) => Promise<unknown>;

const DIRECTORIES = ["", "/a", "/a b", "/a0", "/a/b", "/ä", "/a/b/ä 😀"];
const owner = fc.constantFrom("alice", "al");
const path = fc.tuple(fc.constantFrom(...DIRECTORIES), fc.constantFrom("x", "a", "b", "é"))
  .map(([directory, name]) => `${directory}/${name}`);
const bytes = fc.integer({ min: 0, max: 60 });
const uploadId = fc.constantFrom("1", "2", "3");
const token = fc.record({ id: uploadId, writer: fc.constantFrom(1, 1, 2) });
const claim = fc.constantFrom<Claim>(
  { id: "1", owner: "alice", paths: ["/a", "/ä/x"], holder: "worker" },
  { id: "2", owner: "alice", paths: ["/a/b/x"], holder: "worker" },
  { id: "3", owner: "alice", paths: ["/a0"], holder: "other worker" },
  { id: "4", owner: "al", paths: ["/a b/x", "/b"], holder: "worker" },
);
/** A claim of a step. Only a claim of the same paths has its id: the paths of an id never change. */
function claimOf(step: string, owner: string, ...paths: string[]): Claim {
  return {
    id: `${step} ${owner} ${paths.join(" ")}`,
    owner,
    paths: paths.sort(),
    holder: "worker",
  };
}

const intents = fc.array(
  fc.record({
    owner,
    path,
    uploadId,
    replace: fc.boolean(),
    reservedBytes: fc.constantFrom(0, 0, 20),
    writer: fc.constantFrom(null, null, 1, 2),
    size: bytes,
  }).map(({ size, path, ...change }) => intent(path, size, change)),
  { minLength: 1, maxLength: 4 },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(owner, fc.option(bytes)).map(([name, quotaBytes]): Step => (catalog) =>
    catalog.addAccount(account(name, { quotaBytes }))
  ),
  fc.tuple(owner, fc.option(bytes)).map(([name, quotaBytes]): Step => (catalog) =>
    catalog.updateAccount(name, { quotaBytes })
  ),
  { arbitrary: owner.map((name): Step => (catalog) => catalog.removeAccount(name)), weight: 1 },
  {
    arbitrary: fc.tuple(owner, path, bytes, fc.constantFrom(undefined, null, file(1)))
      .map(([owner, path, size, known]): Step => (catalog) =>
        catalog.noteFile(owner, path, file(size), known)
      ),
    weight: 4,
  },
  fc.tuple(owner, fc.oneof(path, fc.constantFrom("/", ...DIRECTORIES.slice(1))))
    .map(([owner, path]): Step => (catalog) => catalog.forget(owner, path)),
  fc.tuple(
    owner,
    owner,
    uploadId,
    bytes,
    bytes,
    path,
    fc.constantFrom("overwrite" as const, "keep" as const),
  )
    .map(([owner, account, id, reservedBytes, updatedMs, path, ifExists]): Step => (catalog) =>
      catalog.addUpload(upload(id, {
        owner,
        account,
        reservedBytes,
        updatedMs,
        path,
        shownPath: account === owner ? path : `/shared/${owner}${path}`,
        ifExists,
      }))
    ),
  bytes.map((beforeMs): Step => (catalog) => catalog.shrinkReservations(beforeMs)),
  fc.tuple(owner, fc.constantFrom("alice", "al", "*"), path, uploadId)
    .map(([owner, guest, path, id]): Step => (catalog) =>
      catalog.shares.put(share(id, { owner, guest, path }), 1)
    ),
  fc.tuple(owner, path, fc.constantFrom("al", "*", undefined))
    .map(([owner, path, guest]): Step => (catalog) => catalog.shares.remove(owner, path, guest)),
  fc.tuple(owner, path, uploadId).map(([owner, path, id]): Step => async (catalog) =>
    await catalog.links.get(id) ??
      await catalog.links.add(link(id, { owner, path, maxDownloads: 2 }), 1)
  ),
  uploadId.map((id): Step => (catalog) => catalog.links.countDownload(id, 1)),
  fc.tuple(token, bytes).map(([of, size]): Step => (catalog) => catalog.reserve(of, size)),
  fc.tuple(token, bytes).map(([of, at]): Step => (catalog) =>
    catalog.noteProgress(of, { offset: at, hash: `${at}` }, at)
  ),
  token.map((of): Step => (catalog) => catalog.setAnnounced(of, { sizeBytes: 9 })),
  token.map((of): Step => (catalog) => catalog.releaseUpload(of)),
  token.map((of): Step => (catalog) => catalog.removeUpload(of)),
  fc.tuple(uploadId, fc.constantFrom(undefined, 1, 2)).map(([id, of]): Step => (catalog) =>
    catalog.takeUpload(id, "other worker", of)
  ),
  { arbitrary: claim.map((claim): Step => (catalog) => catalog.claims.claim(claim)), weight: 3 },
  { arbitrary: claim.map((claim): Step => (catalog) => catalog.claims.release(claim)), weight: 2 },
  claim.map((claim): Step => (catalog) => Promise.resolve(catalog.claims.releaseSoon(claim))),
  {
    arbitrary: fc.tuple(owner, path, bytes, fc.boolean())
      .map(([owner, path, size, releases]): Step => async (catalog) => {
        const claim = claimOf("forget", owner, path);
        const answer = await catalog.steps.forgetFile(claim, path, file(size));
        if (releases) await catalog.claims.release(claim);
        return answer;
      }),
    weight: 2,
  },
  {
    arbitrary: fc.tuple(owner, path, path, bytes, fc.boolean())
      .filter(([, from, to]) => !isWithin(from, to) && !isWithin(to, from))
      .map(([owner, from, to, size, releases]): Step => async (catalog) => {
        const source = await catalog.file(owner, from) ?? file(size);
        const seen = { source, target: await catalog.file(owner, to) };
        const claim = claimOf("move", owner, from, to);
        const first = await catalog.steps.beginMove(claim, moveOf(from, to, owner), seen);
        if (first !== undefined) await catalog.endMove(moveOf(from, to, owner), true);
        if (releases) await catalog.claims.release(claim);
        return first;
      }),
    weight: 2,
  },
  fc.tuple(owner, path, bytes).map(([owner, path, size]): Step => (catalog) =>
    catalog.unnoteFile(owner, path, file(size))
  ),
  { arbitrary: intents.map((all): Step => (catalog) => catalog.beginCommits(all)), weight: 4 },
  intents.map((all): Step => (catalog) => catalog.cancelCommits(all)),
  {
    arbitrary: fc.nat(3).map((skip): Step => async (catalog) =>
      await catalog.finishCommits((await catalog.commitIntents()).slice(skip))
    ),
    weight: 3,
  },
  {
    arbitrary: fc.tuple(owner, path, path, fc.boolean())
      .filter(([, from, to]) => !isWithin(from, to) && !isWithin(to, from))
      .map(([owner, from, to, done]): Step => async (catalog) => {
        await catalog.beginMove(moveOf(from, to, owner));
        await catalog.endMove(moveOf(from, to, owner), done);
      }),
    weight: 3,
  },
);

Deno.test("both catalogs answer the same to any sequence of operations", async () => {
  const directory = await Deno.makeTempDir();
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const memory = new MemoryCatalog();
        const sqlite = SqliteCatalog.open(`${directory}/${++run}.db`, { durability: "relaxed" });
        try {
          for (const catalog of [memory, sqlite]) await catalog.addAccount(account("alice"));
          for (const step of steps) {
            assertEquals(await answer(sqlite, step), await answer(memory, step));
            assertEquals(await state(sqlite), await state(memory));
          }
          const counted = await state(sqlite);
          await sqlite.recount();
          assertEquals(await state(sqlite), counted);
        } finally {
          await sqlite.close();
        }
      }),
      { numRuns: 100 },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

async function answer(catalog: DiskCatalog, step: Step): Promise<unknown> {
  try {
    return await step(catalog);
  } catch (error) {
    return (error as { kind: string }).kind;
  }
}

async function state(catalog: DiskCatalog) {
  const files: unknown[] = [];
  for (const name of ["alice", "al"]) {
    files.push(await catalog.usage(name));
    files.push(await catalog.shares.by(name, ALL), await catalog.shares.with(name, ALL));
    files.push(await catalog.links.of(name, ALL));
    for (const directory of DIRECTORIES) {
      const records = await catalog.filesIn(name, directory === "" ? "/" : directory);
      files.push([...records].sort(([a], [b]) => a < b ? -1 : 1));
    }
  }
  const intents = (await catalog.commitIntents())
    .sort((a, b) => a.owner + a.path < b.owner + b.path ? -1 : 1);
  const finished = (await catalog.finishedUploads()).sort((a, b) => a.id < b.id ? -1 : 1);
  const claims = await catalog.claims.all();
  return [files, await catalog.accounts(), await catalog.uploads(), intents, finished, claims];
}
