/** Whether others use the database and the store of an engine, for moves. */
import type { ClusterEngine } from "./cluster_engine.ts";
import { holdsContent } from "./store_mark.ts";

/** A worker or command that may be running. */
export interface OtherHolder {
  readonly holder: string;
  /** When its lease ends, ms since the Unix epoch; it grows while the process runs. */
  readonly untilMs: number;
}

/** Workers and commands of other processes whose lease has not ended. */
export async function otherHolders(
  { database, holder }: ClusterEngine,
): Promise<OtherHolder[]> {
  const rows = await database.query((sql) =>
    sql`SELECT holder, floor(extract(epoch FROM lease_until) * 1000)::bigint AS "untilMs"
      FROM holders WHERE lease_until > now() AND holder <> ${holder}`
  );
  return rows.map((row) => ({ ...row }) as unknown as OtherHolder);
}

/** Whether the store has objects of an engine. */
export function holdsObjects({ store }: ClusterEngine): Promise<boolean> {
  return holdsContent(store);
}
