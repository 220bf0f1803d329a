/** Keeps the clock over restarts, in the catalog. */
import type { Catalog } from "../contract/catalog.ts";
import { type Clock, clock } from "../contract/clock.ts";

/** Continues the clock from the catalog's last state. */
export async function resumeClock({ marks }: Catalog, of: Clock = clock): Promise<void> {
  const seenMs = await marks.get("seen");
  const aheadMs = await marks.get("ahead") ?? 0;
  const waitedMs = await marks.get("waited") ?? 0;
  of.resume(seenMs === undefined ? undefined : { seenMs, aheadMs, waitedMs });
}

/** Notes what the clock has come to. */
export async function noteClock({ marks }: Catalog, of: Clock = clock): Promise<void> {
  const { seenMs, aheadMs, waitedMs } = of.state;
  await marks.note({ seen: seenMs, ahead: aheadMs, waited: waitedMs });
}
