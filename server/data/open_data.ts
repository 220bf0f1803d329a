/** Opens what a data directory holds, for the start and the operator's commands. */
import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { StoreError } from "../../storage/contract/error.ts";
import type { Durability, Engine } from "../../storage/contract/engine.ts";
import { type ClusterAccess, openEngine } from "../../storage/open_engine.ts";
import type { ServerOptions } from "../options/definitions.ts";
import { failure, messageOf } from "../options/error.ts";
import { clusterAccess } from "./cluster_access.ts";
import { PLACES } from "./data_directory.ts";
import { assertNotMoving } from "./moving.ts";

/** A data directory, and the options of its server. */
export interface DataPlace {
  /** The directory; it exists. */
  readonly data: string;
  readonly options: ServerOptions;
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
export async function openData(place: DataPlace, how: OpenOptions = {}): Promise<Engine> {
  const engine = await open(place, how);
  try {
    if (!how.moving) await assertNotMoving(engine.catalog);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

async function open({ data, options }: DataPlace, how: OpenOptions): Promise<Engine> {
  const { durability = "full", check = true, holder } = how;
  const named = holder === undefined ? {} : { holder };
  const cluster = clusterAccess(options);
  if (cluster !== undefined) {
    assertReachable(cluster);
    return await openShared(() => openEngine({ data, cluster, durability, check, ...named }));
  }
  return await explained(data, () => openEngine({ data, durability, check, ...named }));
}

/** Does something with an engine and closes it. @throws {ExitError} as {@linkcode openData} */
export async function withEngine<T>(
  place: DataPlace,
  work: (engine: Engine) => Promise<T>,
  how?: OpenOptions,
): Promise<T> {
  const engine = await openData(place, how);
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

/** @throws {ExitError} where Deno was not permitted to reach the database */
function assertReachable({ database: { host, port } }: ClusterAccess): void {
  const place = `${host}:${port}`;
  if (Deno.permissions.querySync({ name: "net", host: place }).state === "granted") return;
  throw failure(
    `Deno was not permitted to reach the database: run the command "towpath", or add ` +
      `--allow-net=${place} and the store's address`,
  );
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
