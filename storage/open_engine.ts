/** The one place that chooses an engine: everything else knows the interfaces alone. */
import { join } from "node:path";
import type { Catalog } from "./contract/catalog.ts";
import { partTagOf } from "./contract/part_id.ts";
import type { Store } from "./contract/store.ts";
import { diskMeter } from "./disk/files/disk_meter.ts";
import { type Durability, LocalStore } from "./disk/files/local_store.ts";
import { SqliteCatalog } from "./disk/sqlite_catalog.ts";
import type { MeasuredSpace } from "./space/disk_space.ts";

/** Name of the catalog's file in a data directory. */
export const CATALOG_FILE = "catalog.db";

/** Where an engine keeps what it keeps, and how. */
export interface EngineOptions {
  /** The data directory; it exists. */
  data: string;
  durability: Durability;
  /** Whether to look at every page of the catalog first. */
  check?: boolean;
  /** Names this start of this worker; no other start may have it. @default a new id */
  holder?: string;
  /** Called before each change; throws where another worker has taken this one's place. */
  assertCurrent?: () => void;
  /** Called once when the catalog takes no more writes from this opening, with the cause. */
  onBroken?: (cause: unknown) => void;
}

/** What keeps files, and what is known of them. */
export interface Engine {
  readonly store: Store;
  readonly catalog: Catalog;
  /** Measures the space that is left; undefined where it cannot be measured. */
  readonly measure: () => MeasuredSpace | undefined;
}

/**
 * Opens the engine of a data directory: files on its disk, and a catalog in SQLite.
 *
 * @throws {StoreError} `io` where the catalog is damaged, or none that this version understands
 */
export function openEngine({ data, durability, holder, ...opening }: EngineOptions): Engine {
  const tag = holder === undefined ? {} : { tag: partTagOf(holder) };
  return {
    catalog: SqliteCatalog.open(join(data, CATALOG_FILE), { durability, ...opening }),
    store: new LocalStore(data, { durability, ...tag }),
    measure: diskMeter(data),
  };
}
