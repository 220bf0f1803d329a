/** Work that the first worker does from time to time. */
import { getLogger } from "@logtape/logtape";
import type { Catalog } from "../../storage/contract/catalog.ts";
import { clock } from "../../storage/contract/clock.ts";
import { noteClock } from "../../storage/common/clock_marks.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import type { Vault } from "../../storage/vault.ts";
import { CLOCK_PART } from "../monitor/health.ts";
import { report as reportEvent } from "../../storage/common/reports.ts";
import { every } from "./every.ts";
import type { WorkerReport } from "./worker_messages.ts";

/** Interval at which expired uploads are removed: a quarter of their lifetime, within bounds. */
const HOUSEKEEPING_MS = { least: 1000, most: 10 * 60_000 };
/** Interval at which the clock is compared and kept. */
const CLOCK_MS = 10_000;
/** Interval at which the reservations of inactive uploads are lowered. */
const SHRINK_MS = 30_000;

/** Interval at which the state of the database is logged. */
const STATE_MS = 3600_000;

const log = getLogger(["towpath", "worker"]);

/** The last reported trouble of the machine's clock. */
let clockTrouble: string | undefined;

/** Everything that the work is done with. */
interface House {
  readonly engine: Engine;
  readonly vault: Vault;
  /** Lifetime of an unfinished upload. */
  readonly partTtlMs: number;
  report(message: WorkerReport): void;
}

/** Keeps house from now on. @returns functions that end it */
export function keepHouse({ engine, vault, partTtlMs, report }: House): (() => void)[] {
  /** Of several nodes, one keeps house. */
  const inTurn = (work: () => Promise<void>) => async () => {
    if (await engine.keepsHouse?.() ?? true) await work();
  };
  const expire = async () => {
    const expired = await vault.expireUploads();
    if (expired.length > 0) log.info("Removed {count} expired uploads", { count: expired.length });
  };
  const { least, most } = HOUSEKEEPING_MS;
  const pauseMs = Math.min(most, Math.max(least, partTtlMs / 4));
  return [
    every(CLOCK_MS, () => watchClock(engine.catalog, report)),
    every(pauseMs, inTurn(expire)),
    every(STATE_MS, () => reportState(engine.catalog)),
    every(SHRINK_MS, inTurn(() => vault.shrinkReservations())),
  ];
}

/** Logs schema, size and checkpoint of the database. */
async function reportState(catalog: Catalog): Promise<void> {
  const { schema, sizeBytes: bytes, checkpoint } = await catalog.state();
  const { pages, moved } = checkpoint ?? {};
  const fields = {
    event: "state",
    schema,
    bytes,
    checkpoint_pages: pages,
    checkpoint_moved: moved,
  };
  reportEvent("info", "database", "State of the database", fields);
}

/** Saves the clock's state, and reports problems of the machine's clock. */
async function watchClock(
  catalog: Catalog,
  report: House["report"],
): Promise<void> {
  await noteClock(catalog);
  const reason = clock.trouble();
  if ((reason === undefined) !== (clockTrouble === undefined)) {
    if (reason === undefined) log.info("The machine's clock is as the server expects it again");
    else log.warn("Trouble with the clock: {reason}", { reason });
  }
  if (reason !== clockTrouble) report({ type: "trouble", part: CLOCK_PART, reason });
  clockTrouble = reason;
}
