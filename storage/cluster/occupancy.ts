/** Whether others use the database and the store of an engine, for moves. */
import type { ClusterEngine } from "./cluster_engine.ts";

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
export async function holdsObjects({ store }: ClusterEngine): Promise<boolean> {
  for (const prefix of ["content/", "packs/"]) {
    if ((await store.list(prefix, { limit: 1 })).objects.length > 0) return true;
  }
  return false;
}
