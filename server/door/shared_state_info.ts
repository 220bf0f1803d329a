import type { SharedStateData } from "../../common/shared_state.ts";
import type { SharedState } from "../../storage/contract/engine.ts";

/** The state of what several nodes share, as it is sent; null where there is nothing of the kind. */
export function sharedStateInfo(state: SharedState | undefined): SharedStateData | null {
  if (state === undefined) return null;
  const { nodes, connections, garbage: { objects, bytes, oldestMs } } = state;
  return {
    nodes: nodes.map(({ name, version, workers, sessions, transfers, pool, ...node }) => ({
      ...{ name, version, alive: node.isAlive, draining: node.isDraining, since: node.sinceMs },
      ...{ silent_ms: node.silentMs, workers, sessions, transfers, connections: pool.used },
      ...{ max_connections: pool.size, lag_ms: node.lagMs },
    })),
    connections: connections.used,
    max_connections: connections.max,
    garbage: { objects, bytes, oldest: oldestMs },
  };
}
