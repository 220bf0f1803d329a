/** Opens what a data directory holds, for the operator's commands. */
import type { Engine } from "../../storage/contract/engine.ts";
import { openEngine } from "../../storage/open_engine.ts";
import { assertReachable, clusterAccess } from "./cluster_access.ts";
import {
  type DataPlace,
  type OpenOptions,
  type OpenPlace,
  openPlace,
  withPlace,
} from "./open_place.ts";

export type { DataPlace };

/** @throws {ExitError} where the options, or the permissions of Deno, lead to no shared data */
function placeOf({ data, options }: DataPlace): OpenPlace {
  const cluster = clusterAccess(options);
  assertReachable(cluster);
  return { data, options, cluster, openEngine };
}

/**
 * Opens the engine of a data directory.
 *
 * @throws {ExitError} one sentence that says why it cannot be opened
 */
export async function openData(place: DataPlace, how?: OpenOptions): Promise<Engine> {
  return await openPlace(placeOf(place), how);
}

/** Does something with an engine and closes it. @throws {ExitError} as {@linkcode openData} */
export async function withEngine<T>(
  place: DataPlace,
  work: (engine: Engine) => Promise<T>,
  how?: OpenOptions,
): Promise<T> {
  return await withPlace(placeOf(place), work, how);
}
