/** The one place that chooses an engine: everything else knows the interfaces alone. */
import { join } from "@std/path";
import type { Durability, Engine } from "./contract/engine.ts";
import type { StepHook } from "./contract/step.ts";
import { DiskEngine } from "./disk/disk_engine.ts";
import { diskMeter } from "./disk/files/disk_meter.ts";
import { Layout } from "./disk/files/layout.ts";
import { LocalStore } from "./disk/files/local_store.ts";
import { partTagOf } from "./disk/parts/part_id.ts";
import { SqliteCatalog } from "./disk/sqlite_catalog.ts";
import type { MeasuredSpace } from "./space/disk_space.ts";

/** Name of the catalog's file in a data directory. */
export const CATALOG_FILE = "catalog.db";

/** Where an engine keeps what it keeps, and how. */
export interface EngineOptions {
  /** The data directory; it exists. */
  data: string;
  durability: Durability;
  /** Whether to check every page of the catalog's database first. @default true */
  check?: boolean;
  /** Names this start of this worker; no other start may have it. @default a new id */
  holder?: string;
  /** Called before each change; throws where another worker has taken this one's place. */
  assertCurrent?: () => void;
  /** Called once when the catalog takes no more writes from this opening, with the cause. */
  onBroken?: (cause: unknown) => void;
  /** For tests: called between the steps of a change. */
  step?: StepHook;
}

/**
 * Opens the engine of a data directory: files on its disk, and a catalog in SQLite.
 *
 * @throws {StoreError} `io` where the catalog is damaged, or none that this version understands
 */
export function openEngine({ data, holder, step, ...options }: EngineOptions): Engine {
  const catalog = openCatalogFile(join(data, CATALOG_FILE), options);
  return new DiskEngine({
    store: new LocalStore(data, {
      durability: options.durability,
      ...(holder !== undefined && { tag: partTagOf(holder) }),
    }),
    catalog,
    holder,
    step,
  });
}

/**
 * Opens the catalog of a data directory alone, or a copy of it: for the operator's commands, which
 * need no files.
 *
 * @throws {StoreError} as {@linkcode openEngine}
 */
export function openCatalogFile(
  file: string,
  options: Pick<EngineOptions, "durability" | "check" | "assertCurrent" | "onBroken">,
): SqliteCatalog {
  return SqliteCatalog.open(file, options);
}

/** A catalog without its files, from {@linkcode openCatalogFile}. */
export type CatalogFile = SqliteCatalog;

/** The directory on the host's disk that holds an account's files, for the operator. */
export function placeOfFiles(data: string, account: string): string {
  return new Layout(Deno.realPathSync(data)).files(account);
}

/** Measures the space on the disk of a data directory; undefined where it is not permitted. */
export function spaceMeter(data: string): () => MeasuredSpace | undefined {
  return diskMeter(data);
}
