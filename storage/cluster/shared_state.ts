/** The nodes, the database's connections and the garbage, as operators see them. */
import type { NodeState, SharedState } from "../contract/engine.ts";
import type { WorkerFigures } from "./bus/members.ts";
import type { Database } from "./postgres/database.ts";

/** How long after its last sign of life a worker counts as running, ms: as `members_alive()` has it. */
const ALIVE_MS = 10_000;

interface Row {
  readonly node: string;
  readonly sinceMs: number;
  readonly silentMs: number;
  readonly figures: Partial<WorkerFigures>;
}

/** Reads the state. */
export async function sharedState(database: Database): Promise<SharedState> {
  const [rows, [totals]] = await Promise.all([
    database.repeat((sql) =>
      sql`SELECT node, floor(extract(epoch FROM since) * 1000)::float8 AS "sinceMs",
        greatest(0, floor(extract(epoch FROM now() - beat) * 1000))::float8 AS "silentMs", figures
        FROM members ORDER BY node, since`
    ),
    database.repeat((sql) =>
      sql`SELECT (SELECT count(*)::float8 FROM pg_stat_activity WHERE backend_type = 'client backend')
          AS used, current_setting('max_connections')::float8 AS max, g.*
        FROM (SELECT count(*)::float8 AS objects, coalesce(sum(bytes), 0)::float8 AS bytes,
          floor(extract(epoch FROM min(since)) * 1000)::float8 AS oldest FROM garbage) AS g`
    ),
  ]);
  // A command of `admin` is a member too while it runs: it shows no figures.
  const workers = rows.map((row) => ({ ...row }) as Row).filter(({ figures }) => figures.version);
  const nodes = Map.groupBy(workers, ({ node }) => node);
  return {
    nodes: Array.from(nodes, ([name, workers]) => nodeState(name, workers)),
    connections: { used: totals!["used"], max: totals!["max"] },
    garbage: {
      objects: totals!["objects"],
      bytes: totals!["bytes"],
      oldestMs: totals!["oldest"],
    },
  };
}

function nodeState(name: string, all: readonly Row[]): NodeState {
  const alive = all.filter(({ silentMs }) => silentMs < ALIVE_MS);
  // Of one that was started again only the workers that run count.
  const latest = all.toSorted((a, b) => a.silentMs - b.silentMs).slice(0, 1);
  const workers = alive.length > 0 ? alive : latest;
  const sum = (figure: "sessions" | "transfers" | "poolUsed" | "poolSize") =>
    workers.reduce((total, { figures }) => total + (figures[figure] ?? 0), 0);
  return {
    name,
    version: workers[0]!.figures.version ?? "",
    isAlive: alive.length > 0,
    sinceMs: Math.min(...workers.map(({ sinceMs }) => sinceMs)),
    silentMs: Math.min(...workers.map(({ silentMs }) => silentMs)),
    workers: workers.length,
    sessions: sum("sessions"),
    transfers: sum("transfers"),
    pool: { used: sum("poolUsed"), size: sum("poolSize") },
    lagMs: Math.max(...workers.map(({ figures }) => figures.lagMs ?? 0)),
    isDraining: workers.some(({ figures }) => figures.isDraining === true),
  };
}
