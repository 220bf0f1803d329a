/** The one place that chooses an engine: everything else knows the interfaces alone. */
import type { ClusterEngine, CollectReport } from "./cluster/cluster_engine.ts";
import type { ServerOfBus } from "./cluster/bus/members.ts";
import type { OtherHolder } from "./cluster/occupancy.ts";
import type { Engine } from "./contract/engine.ts";
import type { Bus } from "./monitor/bus.ts";
import { type EngineOptions, openDisk } from "./open_disk.ts";

export type { CollectReport };
export { type CatalogFile, mtimeOf, openCatalogFile, placeOfFiles } from "./open_disk.ts";

/**
 * Opens the engine of a data directory, or the one of several nodes.
 *
 * @throws {StoreError} `io` where the catalog is damaged, or none that this version understands;
 * `unreachable`
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { cluster, holder, step, check = true, onFault } = options;
  if (cluster === undefined) return await openDisk(options);
  // Loaded only where it is used: it has packages of its own.
  const { openCluster } = await import("./cluster/open_cluster.ts");
  return await openCluster(cluster, { holder, step, check, onFault });
}

/**
 * Joins the bus of all nodes that share an engine.
 *
 * @param engine one that was opened with `cluster`
 * @param node name of this node
 * @param onError called with failures that concern no caller
 * @param server the server that joins: operators see it among the nodes
 */
export async function joinBus(
  engine: Engine,
  node: string,
  onError: (what: string, error: unknown) => void,
  server?: ServerOfBus,
): Promise<Bus> {
  const { joinBus } = await import("./cluster/open_cluster.ts");
  return await joinBus(engine as ClusterEngine, node, onError, server);
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
