/** Leftovers of a worker that ended in the middle of its work, while another one continues. */
import { assertEquals } from "@std/assert";
import { LocalStore } from "../../../storage/disk/files/local_store.ts";
import { partTagOf } from "../../../storage/disk/parts/part_id.ts";
import { COMMIT_STEPS } from "../../crash/commit_steps.ts";
import { assertSound, put, stopAt, type TestWorker, Workers } from "../../support/workers.ts";
import { diskCatalogOf } from "../../support/vault.ts";
import { diskTest } from "../../support/engine.ts";

/** How soon work that was held up goes on once the dead worker was recovered. */
const SOON_MS = 2000;

/** Work that a worker dies in: what there was, and what there may be once it was recovered. */
interface Case {
  name: string;
  steps: readonly string[];
  before: Record<string, string>;
  after: Record<string, string>;
  /** The steps at which it is done already; at the others it is taken back. */
  done: readonly string[];
  work: (worker: TestWorker) => Promise<unknown>;
}

const STEPS = COMMIT_STEPS.filter((step) => step !== "commit: part removed");
const LIVE = COMMIT_STEPS.slice(COMMIT_STEPS.indexOf("commit: live"));
const OLD = { "dir/f": "old" };

const CASES: Case[] = [
  {
    name: "a new file",
    steps: COMMIT_STEPS,
    before: {},
    after: { "dir/f": "new" },
    done: LIVE,
    work: ({ view }) => put(view, "/dir/f", "new"),
  },
  {
    name: "a replacement",
    steps: STEPS,
    before: OLD,
    after: { "dir/f": "new" },
    done: LIVE,
    work: ({ view }) => put(view, "/dir/f", "new", { ifExists: "overwrite" }),
  },
  {
    name: "a replacement that keeps the old content",
    steps: [...STEPS, "commit: version noted", "commit: version published"],
    before: OLD,
    after: { "dir/f": "new", "dir/f_v2": "old" },
    done: LIVE,
    work: ({ view }) => put(view, "/dir/f", "new", { ifExists: "keep" }),
  },
  {
    name: "a small pipelined upload",
    steps: STEPS,
    before: {},
    after: { "dir/f": "new" },
    done: LIVE,
    work: ({ view }) => put(view, "/dir/f", "new", { pipelined: true }),
  },
  {
    name: "a removal",
    steps: ["remove: forgotten"],
    before: OLD,
    after: {},
    done: [],
    work: ({ view }) => view.tree.remove("/dir/f"),
  },
  {
    name: "a rename of a file",
    steps: ["rename: intent noted", "rename: renamed"],
    before: OLD,
    after: { "dir/moved": "old" },
    done: ["rename: renamed"],
    work: ({ view }) => view.tree.rename("/dir/f", "/dir/moved"),
  },
  {
    name: "a rename of a directory",
    steps: ["rename: intent noted", "rename: renamed"],
    before: OLD,
    after: { "moved/f": "old" },
    done: ["rename: renamed"],
    work: ({ view }) => view.tree.rename("/dir", "/moved"),
  },
];

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

for (const { name, steps, before, after, done, work } of CASES) {
  diskTest(
    `a worker ends in the middle of ${name}: what it held is settled, and others go on`,
    async () => {
      for (const step of steps) {
        await using workers = new Workers();
        const { hook, reached } = stopAt(step);
        const other = await workers.open();
        await other.view.tree.makeDirectory("/dir");
        for (const [path, text] of Object.entries(before)) await put(other.view, `/${path}`, text);
        const dead = await workers.open({ step: hook });
        work(dead).catch(() => {}); // it never ends
        await reached;
        const next = workers.open({ recover: { holders: [dead.vault.holder] } });
        const { vault } = await within(SOON_MS, "recovery", next);
        const files = done.includes(step) ? after : before;
        await other.view.tree.verify("/"); // a file that was to be removed is counted again
        await assertSound(other, files);
        // Nothing is in the way of whatever is done to these names next.
        await within(SOON_MS, step, changeAll(other, Object.keys(files)));
        await assertSound(other, {});
        assertEquals(
          (await diskCatalogOf(vault).uploads("alice")).every(({ holder }) => !holder),
          true,
        );
        for await (const { record } of await other.view.transfers.unfinished()) {
          await other.view.transfers.discard(record.id);
        }
        const catalog = diskCatalogOf(vault);
        assertEquals(await catalog.finishedUploads(), []);
        const setAside = (await catalog.asides.all()).reduce((sum, { bytes }) => sum + bytes, 0);
        assertEquals((await catalog.usage("alice")).reservedBytes, setAside, step);
        assertEquals([...Deno.readDirSync(`${workers.data}/users/a/alice/parts`)], [], step);
      }
    },
  );
}

diskTest(
  "files that a dead worker was about to replace others with are removed, no other's",
  async () => {
    await using workers = new Workers();
    const other = await workers.open();
    const holder = crypto.randomUUID();
    const tag = partTagOf(holder);
    const store = new LocalStore(workers.data, { durability: "relaxed", tag });
    const parts = `${workers.data}/users/a/alice/parts`;
    // It dies between the two steps of a checkpoint of an upload that it has taken over.
    const dying = store.saveCheckpoint("alice", "taken-over", "{}", {
      durable: false,
      confirm: () => new Promise<boolean>(() => {}),
    });
    dying.catch(() => {});
    for (const name of [`taken-over.${tag}.part.new`, "running.00000000.json.new"]) {
      Deno.writeTextFileSync(`${parts}/${name}`, "x");
    }
    assertEquals([...Deno.readDirSync(parts)].length, 3);
    await workers.open({ recover: { holders: [holder] } });
    const left = [...Deno.readDirSync(parts)].map(({ name }) => name);
    assertEquals(left, ["running.00000000.json.new"]);
    await other.view.tree.verify("/");
  },
);

/** Overwrites, renames and removes each file, and then its directory. */
async function changeAll({ view }: TestWorker, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await put(view, `/${file}`, "other", { ifExists: "overwrite" });
    await view.tree.rename(`/${file}`, `/${file}-renamed`);
    await view.tree.remove(`/${file}-renamed`);
  }
  await put(view, "/dir/f", "again", { makeDirectories: true });
  await view.tree.rename("/dir", "/elsewhere");
  await view.tree.removeDirectory("/elsewhere", { recursive: true });
}
