/** Opens what a data directory holds, by an engine that the caller has loaded. */
import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type { Durability, Engine } from "../../storage/contract/engine.ts";
import type { ClusterAccess } from "../../storage/engine_places.ts";
import type { OpenEngine } from "../../storage/open_disk.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { failure, messageOf } from "../options/error.ts";
import { PLACES } from "./data_directory.ts";
import { assertNotMoving } from "./moving.ts";

/** A data directory, and the options of its server. */
export interface DataPlace {
  /** The directory; it exists. */
  readonly data: string;
  readonly options: ServerOptions;
}

/** A data directory, and all that leads to what it holds. */
export interface OpenPlace extends DataPlace {
  /** How the data of several nodes is reached, where this is one of them. */
  readonly cluster: ClusterAccess | undefined;
  readonly openEngine: OpenEngine;
}

/** How an engine is opened. */
export interface OpenOptions {
  /** @default "full" */
  readonly durability?: Durability;
  /** Whether to check every page of the catalog first. @default true */
  readonly check?: boolean;
  /** Whether it is opened by the command that moves it to another engine. @default false */
  readonly moving?: boolean;
  /** Names this start. @default a new id */
  readonly holder?: string;
}

/**
 * Opens the engine of a data directory.
 *
 * @throws {ExitError} one sentence that says why it cannot be opened
 */
export async function openPlace(place: OpenPlace, how: OpenOptions = {}): Promise<Engine> {
  const engine = await open(place, how);
  try {
    if (!how.moving) await assertNotMoving(engine.catalog);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

function open({ data, cluster, openEngine }: OpenPlace, how: OpenOptions): Promise<Engine> {
  const { durability = "full", check = true, holder } = how;
  const named = holder === undefined ? {} : { holder };
  const open = () => openEngine({ data, cluster, durability, check, ...named });
  return cluster === undefined ? explained(data, open) : openShared(open);
}

/** Does something with an engine and closes it. @throws {ExitError} as {@linkcode openPlace} */
export async function withPlace<T>(
  place: OpenPlace,
  work: (engine: Engine) => Promise<T>,
  how?: OpenOptions,
): Promise<T> {
  const engine = await openPlace(place, how);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Opens an engine of several nodes; an error becomes one sentence. @throws {ExitError} */
async function openShared(open: () => Promise<Engine>): Promise<Engine> {
  try {
    return await open();
  } catch (error) {
    const why = error instanceof StoreError ? error.reason(null) : messageOf(error);
    throw failure(`The shared data of the nodes cannot be opened: ${why}`, error);
  }
}

/** Runs `open`; an error becomes one sentence. @throws {ExitError} */
export async function explained<T>(data: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const { cause } = error as Error;
    // SQLite's message for a sound catalog, for example that it cannot map its index.
    const said = cause instanceof Error ? ` (${messageOf(cause)})` : "";
    const why = refusedFile(join(data, PLACES.catalog)) ?? messageOf(error) + said;
    throw failure(`The catalog in ${data} cannot be opened: ${why}`, error);
  }
}

/**
 * Finds the file of the catalog that the operating system refuses, and the reason; SQLite reports
 * neither.
 */
function refusedFile(catalog: string): string | undefined {
  for (const place of [catalog, `${catalog}-wal`, `${catalog}-shm`]) {
    try {
      Deno.openSync(place, { read: true, write: true }).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return reasonOf(error, place);
    }
  }
  return undefined;
}
