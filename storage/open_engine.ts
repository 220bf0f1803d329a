/** The one place that chooses an engine: everything else knows the interfaces alone. */
import { join } from "@std/path";
import type { ClusterAccess } from "./cluster/access.ts";
import type { ClusterEngine, CollectReport } from "./cluster/cluster_engine.ts";
import type { OtherHolder } from "./cluster/occupancy.ts";
import type { Durability, Engine } from "./contract/engine.ts";
import type { FileRecord } from "./contract/file_record.ts";
import type { VirtualPath } from "./contract/path.ts";
import type { StepHook } from "./contract/step.ts";
import { DiskEngine } from "./disk/disk_engine.ts";
import { diskMeter } from "./disk/files/disk_meter.ts";
import { Layout } from "./disk/files/layout.ts";
import { LocalStore } from "./disk/files/local_store.ts";
import { partTagOf } from "./disk/parts/part_id.ts";
import { SqliteCatalog } from "./disk/sqlite_catalog.ts";
import type { Bus } from "./monitor/bus.ts";

export type { CollectReport };
export { type ClusterAccess, parseDatabaseUrl, parseStoreAddress } from "./cluster/access.ts";
export { mtimeOf } from "./disk/files/file_times.ts";
export { SpaceReserve } from "./disk/reserve/space_reserve.ts";

/** Name of the catalog's file in a data directory. */
export const CATALOG_FILE = "catalog.db";

/** Where an engine keeps what it keeps, and how. */
export interface EngineOptions {
  /** The data directory; it exists. */
  data: string;
  /** Where several nodes keep all together; the data directory then holds nothing of it. */
  cluster?: ClusterAccess | undefined;
  durability: Durability;
  /** Whether to check every page of the catalog's database first. @default true */
  check?: boolean;
  /** Names this start of this worker; no other start may have it. @default a new id */
  holder?: string;
  /** Called before each change; throws where another worker has taken this one's place. */
  assertCurrent?: () => void;
  /** Called once when the catalog takes no more writes from this opening, with the cause. */
  onBroken?: (cause: unknown) => void;
  /**
   * Called when a system that several nodes share does not answer any more, with the reason, and when
   * it does again.
   */
  onFault?: (part: string, reason: string | undefined) => void;
  /** For tests: called between the steps of a change. */
  step?: StepHook;
}

/**
 * Opens the engine of a data directory: files on its disk, and a catalog in SQLite; or the one of
 * several nodes.
 *
 * @throws {StoreError} `io` where the catalog is damaged, or none that this version understands;
 * `unreachable`
 */
export async function openEngine(
  { data, cluster, holder, step, ...options }: EngineOptions,
): Promise<Engine> {
  if (cluster !== undefined) {
    // Loaded only where it is used: it has packages of its own.
    const { openCluster } = await import("./cluster/open_cluster.ts");
    const { check = true, onFault } = options;
    return await openCluster(cluster, { holder, step, check, onFault });
  }
  return await Promise.try(() => {
    const catalog = SqliteCatalog.open(join(data, CATALOG_FILE), options);
    const tag = holder === undefined ? {} : { tag: partTagOf(holder) };
    const store = new LocalStore(data, { durability: options.durability, ...tag });
    return new DiskEngine({ store, catalog, holder, step, measure: diskMeter(data) });
  });
}

/**
 * Joins the bus of all nodes that share an engine.
 *
 * @param engine one that was opened with `cluster`
 * @param node name of this node
 * @param onError called with failures that concern no caller
 * @param version of the program, where it serves clients: operators see it among the nodes
 */
export async function joinBus(
  engine: Engine,
  node: string,
  onError: (what: string, error: unknown) => void,
  version?: string,
): Promise<Bus> {
  const { joinBus } = await import("./cluster/open_cluster.ts");
  return await joinBus(engine as ClusterEngine, node, onError, version);
}

/**
 * Names workers and commands of other processes that may have an engine of several nodes open.
 *
 * @param engine one that was opened with `cluster`
 */
export async function otherHolders(engine: Engine): Promise<OtherHolder[]> {
  const { otherHolders } = await import("./cluster/occupancy.ts");
  return await otherHolders(engine as ClusterEngine);
}

/** Whether the object store of an engine that was opened with `cluster` has objects of an engine. */
export async function holdsObjects(engine: Engine): Promise<boolean> {
  const { holdsObjects } = await import("./cluster/occupancy.ts");
  return await holdsObjects(engine as ClusterEngine);
}

/** Goes through the object store of an engine that was opened with `cluster`. */
export async function collectObjects(
  engine: Engine,
  options: Parameters<ClusterEngine["collect"]>[0],
): Promise<CollectReport> {
  return await (engine as ClusterEngine).collect(options);
}

/**
 * The catalog's file of a data directory, for backups: only files on the host's disk are copied with
 * it, and other engines have backups of their own.
 */
export interface CatalogFile {
  /** The record of a file. */
  file(owner: string, path: VirtualPath): Promise<FileRecord | undefined>;
  /**
   * Writes a consistent copy to a new file (mode 600), also while a server runs.
   *
   * @throws {StoreError} `exists` where there is a file
   */
  backup(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a catalog's file, or a copy of it. @throws {StoreError} as {@linkcode openEngine} */
export function openCatalogFile(file: string): Promise<CatalogFile> {
  return Promise.try(() => SqliteCatalog.open(file, { durability: "full" }));
}

/** The directory on the host's disk that holds an account's files, for the operator. */
export function placeOfFiles(data: string, account: string): string {
  return new Layout(Deno.realPathSync(data)).files(account);
}
