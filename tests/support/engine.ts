/**
 * The engine that tests of vaults and doors, and of servers, run over. `TOWPATH_TEST_ENGINE=memory`
 * takes the one in memory in place of files and SQLite (not for servers), `cluster` the one of
 * several nodes, on PostgreSQL and an object store that the tests start. Tests about files on the
 * disk are left out then.
 */
import type { Durability, Engine } from "../../storage/contract/engine.ts";
import type { StepHook } from "../../storage/contract/step.ts";
import { DiskEngine } from "../../storage/disk/disk_engine.ts";
import type { DiskCatalog } from "../../storage/disk/interfaces/disk_catalog.ts";
import type { Store } from "../../storage/disk/interfaces/store.ts";
import { MemoryDatabase } from "../../storage/memory/database.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { openEngine } from "../../storage/open_engine.ts";
import { clusterOf } from "./cluster/shared.ts";
import { YieldingEngine } from "./simulated/yielding_engine.ts";

/** How a test opens an engine. */
export interface TestEngineOptions {
  /** Directory of the data; engines that are opened on one share all they keep. */
  readonly data: string;
  readonly durability?: Durability | undefined;
  readonly holder?: string | undefined;
  readonly step?: StepHook | undefined;
  readonly assertCurrent?: (() => void) | undefined;
  /** Whether no other worker publishes uploads; only the engine on the disk makes use of it. */
  readonly alone?: boolean | undefined;
}

/** Names of an engine's steps, at which tests stop it. */
export interface EngineSteps {
  /** An upload is complete, and nothing of its end is written. */
  readonly verified: string;
  /** Its content is safe, and it has no name. */
  readonly stored: string;
  /** The bytes of a checkpoint are safe, and not noted. */
  readonly checkpoint: string;
}

/** Engines as tests know them: a new one is a row here, and one of {@linkcode ENGINE_STEPS}. */
const ENGINES: Record<string, (options: TestEngineOptions) => Promise<Engine>> = {
  disk: (options) =>
    openEngine({
      ...given(options),
      data: options.data,
      durability: options.durability ?? "relaxed",
    }),
  memory: ({ data, ...options }) => {
    let database = databases.get(data);
    if (database === undefined) databases.set(data, database = new MemoryDatabase());
    return Promise.resolve(new MemoryEngine({ ...given(options), database }));
  },
  cluster: async ({ data, durability = "relaxed", ...options }) => {
    const cluster = await clusterOf(data);
    return await openEngine({ ...given(options), data, durability, cluster, check: false });
  },
};

const ENGINE_STEPS: Record<string, EngineSteps> = {
  disk: {
    verified: "commit: verified",
    stored: "commit: synced",
    checkpoint: "checkpoint: synced",
  },
  memory: {
    verified: "publish: verified",
    stored: "publish: content is stored",
    checkpoint: "checkpoint: content is stored",
  },
  cluster: {
    verified: "publish: verified",
    stored: "publish: content is stored",
    checkpoint: "checkpoint: content is stored",
  },
};

/** Databases in memory by the directory that represents them. */
const databases = new Map<string, MemoryDatabase>();

/** The engine of this run. */
const TEST_ENGINE = Deno.env.get("TOWPATH_TEST_ENGINE") ?? "disk";

/** Whether the engine of this run keeps files on the disk. */
export const ON_DISK = TEST_ENGINE === "disk";

/** Whether servers of this run share PostgreSQL and an object store. */
export const ON_CLUSTER = TEST_ENGINE === "cluster";

/** Steps of the engine of this run. */
export const STEPS: EngineSteps = ENGINE_STEPS[TEST_ENGINE] ?? ENGINE_STEPS.disk!;

/** Opens the engine of this run on a directory. */
export function openTestEngine(options: TestEngineOptions): Promise<Engine> {
  const open = ENGINES[TEST_ENGINE];
  if (open !== undefined) return open(options);
  throw new Error(`TOWPATH_TEST_ENGINE is none of ${Object.keys(ENGINES).join(", ")}`);
}

/** Opens an engine of this run that needs no directory: the one on the disk is imitated in memory. */
export async function openLightEngine(): Promise<Engine> {
  if (ON_DISK) return new YieldingEngine();
  const data = await Deno.makeTempDir({ prefix: "towpath-light-" });
  const engine = await openTestEngine({ data });
  const close = engine.close.bind(engine);
  engine.close = async () => {
    await close();
    await Deno.remove(data);
  };
  return engine;
}

/** Registers a test about files on the disk: it is left out over other engines. */
export function diskTest(name: string, fn: (test: Deno.TestContext) => Promise<void> | void): void {
  Deno.test({ name, ignore: isLeftOut("files on the disk"), fn });
}

let isSaid = false;

/** Whether a test is left out as it is about something that only the engine on the disk has. */
export function isLeftOut(subject: string): boolean {
  if (ON_DISK) return false;
  if (!isSaid) console.log(`Tests about ${subject} are left out over the engine "${TEST_ENGINE}"`);
  return isSaid = true;
}

/** The two systems of a disk engine. */
export interface DiskPlaces {
  readonly store: Store;
  readonly catalog: DiskCatalog;
}

/** The files and the catalog of an engine on the disk, for tests about these. */
export function diskOf(engine: Engine): DiskPlaces {
  if (engine instanceof DiskEngine) return engine;
  throw new Error(
    "The test is about files on the disk: register it with diskTest, or { disk: true }",
  );
}

/** The members that are not undefined. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
