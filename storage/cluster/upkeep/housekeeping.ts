/** Upkeep of objects that no request waits for, by one worker of all nodes at a time. */
import type { ClusterPlaces } from "../parts/places.ts";
import { doChore } from "./chores.ts";
import { collect } from "./collect.ts";
import { settleEnded } from "./merge.ts";

/** The whole store is listed this often, ms. */
const SCAN_MS = 7 * 24 * 3600_000;

/** Merges small pieces; once a week goes through the whole store. */
export async function keepHouse(places: ClusterPlaces, graceMs: number): Promise<void> {
  await doChore(places, { name: "ended", everyMs: 0 }, () => settleEnded(places, graceMs));
  await doChore(
    places,
    { name: "scan", everyMs: SCAN_MS },
    () => collect(places, { deletes: true, graceMs }),
  );
}
