/** How the server is doing: what was counted in all workers, and what is there now. */
import { type Counts, series } from "./monitor/counters.ts";
import type { VaultCore } from "./core/vault_core.ts";

/** All series by key; see {@linkcode Counts}. */
export async function figures(core: VaultCore): Promise<Counts> {
  const counts = await core.presence.counts();
  const add = (key: string, amount: number) => counts[key] = (counts[key] ?? 0) + amount;
  for (const door of ["native", "ftp", "web"]) add(series("towpath_sessions", { door }), 0);
  for (const direction of ["upload", "download"]) {
    add(series("towpath_transfers", { direction }), 0);
  }
  for (const { door, transfer } of await core.presence.whoHere()) {
    add(series("towpath_sessions", { door }), 1);
    if (transfer) add(series("towpath_transfers", { direction: transfer.direction }), 1);
  }
  const { uploads, offsetBytes } = await core.parts.totals();
  add("towpath_unfinished_uploads", uploads);
  add("towpath_unfinished_bytes", offsetBytes);
  add("towpath_accounts", (await core.catalog.accountTotals()).accounts);
  add("towpath_catalog_bytes", await core.catalog.sizeBytes());
  const disk = await core.space.state();
  if (disk !== undefined) {
    counts["towpath_disk_free_bytes"] = disk.freeBytes;
    counts["towpath_disk_total_bytes"] = disk.totalBytes;
    counts["towpath_disk_min_free_bytes"] = disk.minFreeBytes;
    counts["towpath_disk_low"] = disk.state === "low" ? 1 : 0;
  }
  return counts;
}
