/** The state of a server that runs, for its administrators. */
import type { View } from "../../storage/vault.ts";
import type { DoorContext, ServerInfo } from "./door.ts";
import { sharedStateInfo } from "./shared_state_info.ts";
import { allTroubles } from "./troubles.ts";

/** Members of {@linkcode statusInfo}. */
export const STATUS_INFO =
  "{version, uptime_ms, accounts, used, reserved, parts, received, set_aside, sessions, disk, " +
  "certificate_expires, cluster, troubles: [{part, reason}]}";

/** Collects the state. @throws {StoreError} `denied` without the permission `t` */
export async function statusInfo(view: View, services: DoorContext, { version }: ServerInfo) {
  const { administration } = view;
  const totals = await administration.totals();
  const aside = await administration.setAside();
  const sessions = await administration.who();
  const space = await services.vault.space();
  const { uptimeMs, certificateEndMs } = services;
  return {
    version,
    uptime_ms: Math.round(uptimeMs?.() ?? 0),
    accounts: totals.accounts,
    used: totals.usedBytes,
    reserved: totals.reservedBytes,
    parts: totals.uploads,
    received: totals.receivedBytes,
    set_aside: aside.reduce((sum, { bytes }) => sum + bytes, 0),
    sessions: sessions.length,
    disk: space === undefined
      ? null
      : { free: space.freeBytes, total: space.totalBytes, state: space.state },
    certificate_expires: certificateEndMs?.() ?? null,
    cluster: sharedStateInfo(await services.vault.shared()),
    troubles: (await allTroubles(services)).map(({ part, reason }) => ({ part, reason })),
  };
}
